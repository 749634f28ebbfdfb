/** The item of the navbar that opens the chat: `{type: "custom-docsChatAsk"}`. Its attribute does the work. */

import { translate } from "@docusaurus/Translate";

export interface Props {
  /** Words of the item. */
  label?: string;
  className?: string;
  /** A question that is asked at once. */
  question?: string;
  /** True in the sidebar that stands for the navbar on phones. */
  mobile?: boolean;
  /** Closes that sidebar. */
  onClick?: () => void;
}

export default function DocsChatNavbarItem({ label, className = "", question, mobile = false, onClick }: Props) {
  const opens = question ? { "data-docs-chat-ask": question } : { "data-docs-chat-open": "" };
  const look = mobile ? "menu__link" : "navbar__item navbar__link";
  const button = (
    <button
      type="button"
      className={`clean-btn ${look} ${className}`}
      aria-haspopup="dialog"
      onClick={onClick}
      {...opens}
    >
      {label || translate({ id: "docs-chat.ask", message: "Ask" })}
    </button>
  );
  return mobile ? <li className="menu__list-item">{button}</li> : button;
}
