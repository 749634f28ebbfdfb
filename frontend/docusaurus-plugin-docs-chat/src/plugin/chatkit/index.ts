/**
 * OpenAI's hosted ChatKit element, for sites that allow it.
 *
 * Its script and frame come from OpenAI's servers and nobody may host them elsewhere, so this is opt-in. When the
 * script does not arrive, the domain is refused, or the frame stays silent or breaks down later, our own panel takes
 * over where the reader was.
 */

import { h } from "../../panel/dom";
import { GatewayClient } from "../../panel/gateway_client";
import type { ChatElement } from "../../panel/launcher";
import type { PageContext } from "../../panel/protocol";
import type { ChatKitOptions } from "../options";
import { HostedChat } from "./drawer";
import { hostedOptions, type HostedSource } from "./hosted_options";

const SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";

/** Makes the drawer; it says that it is loading until ChatKit is ready. `makeSpare` makes what takes over. */
export function createChatKit(
  options: HostedSource,
  chatkit: ChatKitOptions,
  context: () => PageContext,
  navigate: (url: URL) => boolean,
  makeSpare: () => Promise<ChatElement>,
): ChatElement {
  if (!customElements.get("docs-chat-hosted")) customElements.define("docs-chat-hosted", HostedChat);
  const hosted = document.createElement("docs-chat-hosted");
  const client = new GatewayClient(options.endpoint, () => ({
    ...(options.site && { site: options.site }),
    ...context(),
  }));
  const memoryKey = `${options.endpoint}#${options.site}`;
  hosted.prepare({
    scriptLoaded: loadScript(),
    hostedOptions: (mode) => hostedOptions({ options, chatkit, client, navigate, memoryKey, mode }),
    makeSpare,
    memoryKey,
    navigate,
  });
  return hosted;
}

/** True once the script has defined the element, false when it cannot be loaded. */
function loadScript(): Promise<boolean> {
  if (customElements.get("openai-chatkit")) return Promise.resolve(true);
  const script = h("script", { src: SCRIPT, async: true });
  const failed = new Promise<boolean>((resolve) => script.addEventListener("error", () => resolve(false)));
  document.head.append(script);
  return Promise.race([failed, customElements.whenDefined("openai-chatkit").then(() => true)]);
}
