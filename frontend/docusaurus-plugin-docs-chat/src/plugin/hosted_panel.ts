/** OpenAI's hosted ChatKit with what it needs of the site. Our own panel is loaded where it fails. */

import type { ChatElement } from "../panel/launcher";
import { createChatKit } from "./chatkit";
import type { HostedSource } from "./chatkit/hosted_options";
import { navigateInSite } from "./navigate";
import type { ChatKitOptions } from "./options";
import { pageContext } from "./page_context";
import type { Settings } from "./settings";

export function createHostedPanel(
  options: HostedSource & Pick<Settings, "pathPrefix" | "tools">,
  chatkit: ChatKitOptions,
): ChatElement {
  const ownPanel = () => import("./own_panel").then(({ createOwnPanel }) => createOwnPanel(options));
  return createChatKit(options, chatkit, () => pageContext(options.pathPrefix), navigateInSite, ownPanel);
}
