/** Which panel is opened, and the questions that it begins with on each page. Loaded when a reader first opens it. */

import type { ChatElement } from "../panel/launcher";
import { docsVersion, questionsOfPage } from "./page_context";
import type { Settings } from "./settings";
import { questionsFor } from "./starting_questions";

export interface OpenedPanel {
  panel: ChatElement;
  /** Offers the questions of the page that is shown now. `path` is below the base URL. */
  fit(path: string): void;
}

export async function openPanel(settings: Settings, path: string): Promise<OpenedPanel> {
  const panel = await createPanel(settings, path);
  const fit = (shown: string) => panel.setAttribute("prompts", JSON.stringify(questionsOn(settings, shown)));
  fit(path);
  return { panel, fit };
}

/** A page's own questions come before those of the config. */
function questionsOn(settings: Settings, path: string): string[] {
  const own = questionsOfPage();
  return own.length > 0 ? own : questionsFor(settings.prompts, { path, ...docsVersion() });
}

async function createPanel(settings: Settings, path: string): Promise<ChatElement> {
  if (!settings.chatkit) return (await import("./own_panel")).createOwnPanel(settings);
  const { createHostedPanel } = await import("./hosted_panel");
  return createHostedPanel({ ...settings, prompts: questionsOn(settings, path) }, settings.chatkit);
}
