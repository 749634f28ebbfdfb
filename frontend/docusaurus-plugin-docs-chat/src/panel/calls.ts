/** `window.docsChat`: one object for all launchers of a page. It acts on the first one that is shown there. */

import type { DocsChat } from "../docs_chat";
import { listen, tell } from "./events";
import type { DocsChatLauncher } from "./launcher";

const launchers: DocsChatLauncher[] = [];

/** Lets scripts of the page call a launcher; returns the function that ends it. */
export function offerCalls(launcher: DocsChatLauncher): () => void {
  launchers.push(launcher);
  if (!window.docsChat) {
    window.docsChat = callsOf(currentLauncher);
    tell(launcher, "ready", {});
  }
  return () => {
    launchers.splice(launchers.indexOf(launcher), 1);
    if (launchers.length === 0) delete window.docsChat;
  };
}

/** The launcher that belongs to this page; a hidden one belongs to others. */
export function currentLauncher(): DocsChatLauncher | undefined {
  return launchers.find((launcher) => !launcher.hidden) ?? launchers[0];
}

function callsOf(find: () => DocsChatLauncher | undefined): DocsChat {
  const shown = async () => find()?.show();
  return {
    open: () => shown().then(() => undefined),
    close: () => find()?.hidePanel(),
    ask: (question) => shown().then((panel) => panel?.ask(question)),
    fill: (question) => shown().then((panel) => panel?.fill(question)),
    quote: (text) => shown().then((panel) => panel?.quote(text)),
    on: listen,
    instance: (id) => {
      const own = () => launchers.find((launcher) => launcher.instance === id);
      return own() && callsOf(own);
    },
  };
}
