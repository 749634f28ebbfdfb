/** Defines the elements once, however often the script is loaded. */

import { DocsChatLauncher } from "./launcher";
import { DocsChatPanel } from "./panel";

if (!customElements.get("docs-chat-panel")) customElements.define("docs-chat-panel", DocsChatPanel);
if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
