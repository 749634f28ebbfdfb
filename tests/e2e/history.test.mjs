/** Earlier conversations: a region of its own, titles that can be changed, deletion that can be taken back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { dialogOf, focused, launcherPages, openChat } from "./launcher_pages.mjs";

const openLauncherPage = launcherPages();

/** A panel with three conversations, the list of them shown. */
async function openHistory(options) {
  const opened = await openLauncherPage(options);
  const { page } = opened;
  await openChat(page);
  for (const question of ["the first", "the second", "the third"]) {
    await page.getByRole("button", { name: "New conversation" }).click();
    await ask(page, question);
    await answered(page);
  }
  await page.getByRole("button", { name: "Your conversations" }).click();
  await page.getByRole("button", { name: /^the first/ }).waitFor();
  return opened;
}

function deleted(gateway) {
  return gateway.requests.filter(({ type }) => type === "threads.delete").length;
}

test("the focus goes in and comes back, and what the list covers cannot be reached", async () => {
  const { page } = await openHistory();
  assert.equal(await focused(page), "history-title");
  await page.getByRole("region", { name: "Your conversations" }).waitFor();
  for (const covered of [".scroller", ".composer"]) await page.locator(`${covered}[inert]`).waitFor();
  await page.keyboard.press("Escape");
  assert.ok(await dialogOf(page).isVisible(), "the panel closed with its history");
  assert.equal(await focused(page), "Your conversations");
  await page.locator(".composer:not([inert])").waitFor();
  await page.keyboard.press("Escape");
  await dialogOf(page).waitFor({ state: "hidden" });
});

test("a conversation that is opened gives the focus to the next question", async () => {
  const { page } = await openHistory();
  await page.getByRole("button", { name: /^the first/ }).press("Enter");
  await page.locator(".question", { hasText: "the first" }).waitFor();
  assert.equal(await focused(page), "Your question");
});

for (const [way, end, title] of [
  ["Save", (page) => page.getByRole("button", { name: "Save" }).click(), "renamed"],
  ["Enter", (page) => page.keyboard.press("Enter"), "renamed"],
  ["Cancel", (page) => page.getByRole("button", { name: "Cancel" }).click(), "the second"],
  ["Escape", (page) => page.keyboard.press("Escape"), "the second"],
]) {
  test(`${way} ends the renaming, and the focus stays at the entry`, async () => {
    const { page } = await openHistory();
    await page.getByRole("button", { name: "Rename “the second”" }).click();
    await page.getByRole("textbox", { name: "New title" }).fill("renamed");
    await end(page);
    await page.getByRole("button", { name: new RegExp(`^${title}`) }).waitFor();
    assert.equal(await focused(page), `Rename “${title}”`);
  });
}

test("a new title is kept when the reader goes elsewhere", async () => {
  const { page, gateway } = await openHistory();
  await page.getByRole("button", { name: "Rename “the second”" }).click();
  await page.getByRole("textbox", { name: "New title" }).fill("kept");
  await page.getByRole("heading", { name: "Your conversations" }).click();
  await page.getByRole("button", { name: /^kept/ }).waitFor();
  assert.equal(gateway.requests.at(-1).params.title, "kept");
});

test("a deletion is taken back, and the focus goes to the next entry and back", async () => {
  const { page, gateway } = await openHistory();
  await page.getByRole("button", { name: "Delete “the second”" }).click();
  await page.getByText("Deleted: the second").first().waitFor();
  assert.equal(await page.evaluate(focusedText), "the first");
  await page.getByRole("button", { name: "Undo" }).click();
  assert.equal(await page.evaluate(focusedText), "the second");
  assert.equal(deleted(gateway), 0);
});

test("a deletion is carried out when its time is over", async () => {
  const { page, gateway } = await openHistory({ clock: true });
  await page.getByRole("button", { name: "Delete “the third”" }).click();
  assert.equal(deleted(gateway), 0);
  await page.clock.runFor(11_000);
  await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
  assert.equal(deleted(gateway), 1);
});

test("a tab that is closed in between loses neither the conversation nor the wish to delete it", async () => {
  const { page, gateway } = await openHistory();
  await page.getByRole("button", { name: "Delete “the third”" }).click();
  await page.reload();
  await page.locator("docs-chat-panel").waitFor();
  assert.equal(deleted(gateway), 0, "the reader could still take it back");
  await page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => name.startsWith("docs-chat.deleting"));
    const due = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify(Object.fromEntries(Object.keys(due).map((id) => [id, 0]))));
  });
  const done = page.waitForRequest((request) => request.postData()?.includes("threads.delete"));
  await page.reload();
  await done;
});

function focusedText() {
  let active = document.activeElement;
  while (active.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active.querySelector("span").textContent;
}
