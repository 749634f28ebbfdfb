/** Why an answer did not help: one reason and, where the reader wants, a few words to those who write the docs. */

import { h } from "./dom";
import type { FeedbackReason } from "./protocol";
import { say, type TextId } from "./texts";

const REASONS: Record<FeedbackReason, TextId> = {
  wrong: "reasonWrong",
  incomplete: "reasonIncomplete",
  outdated: "reasonOutdated",
  off_topic: "reasonOffTopic",
  other: "reasonOther",
};
const MAX_TEXT = "1000";

export interface FeedbackFormActions {
  send: (reason: FeedbackReason, text: string) => void;
  cancel: () => void;
}

export function feedbackForm({ send, cancel }: FeedbackFormActions): HTMLFormElement {
  const radios = Object.entries(REASONS).map(([value, id]) => {
    const input = h("input", { type: "radio", name: "reason", value, required: true });
    return h("label", {}, input, h("span", { text: say(id) }));
  });
  const text = h("textarea", {
    rows: "2",
    maxlength: MAX_TEXT,
    placeholder: say("feedbackText"),
    "aria-label": say("feedbackText"),
  });
  const form = h(
    "form",
    { class: "feedback" },
    h("fieldset", {}, h("legend", { text: say("feedbackQuestion") }), ...radios),
    text,
    h("p", { class: "remark", text: say("feedbackGoesTo") }),
    h(
      "div",
      { class: "feedback-buttons" },
      h("button", { type: "submit", class: "plain-button", text: say("feedbackSend") }),
      h("button", { type: "button", class: "plain-button", text: say("cancel"), on: { click: cancel } }),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector<HTMLInputElement>("input:checked");
    if (chosen) send(chosen.value as FeedbackReason, text.value.trim());
  });
  return form;
}
