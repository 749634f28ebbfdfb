/** The types of navbar items that the site's theme knows, and ours. */

import DocsChatNavbarItem from "@theme/DocsChatNavbarItem";
import ComponentTypes from "@theme-init/NavbarItem/ComponentTypes";

export default Object.assign({}, ComponentTypes, { "custom-docsChatAsk": DocsChatNavbarItem });
