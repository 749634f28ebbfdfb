// The demo page asks about one site. When several are indexed the visitor chooses; `?site=NAME` links to a choice.
const OWN_SITE = "docs-chat"; // the site that `make up` indexes, which the sample questions are about
const panel = document.querySelector("docs-chat-panel");
const chosen = new URLSearchParams(location.search).get("site");
if (chosen) {
  panel.setAttribute("site", chosen);
  if (chosen !== OWN_SITE) panel.removeAttribute("prompts");
}

async function offerSites() {
  const answer = await fetch("v1/sites");
  if (!answer.ok) return;
  const { default: preferred, sites } = await answer.json();
  if (sites.length < 2) return;
  const names = sites.map(({ site }) => site);
  const current = [chosen, preferred, OWN_SITE].find((name) => names.includes(name)) ?? names[0];
  panel.setAttribute("site", current);
  const select = document.querySelector("#sites select");
  select.append(...sites.map(({ site, title }) => new Option(title || site, site, false, site === current)));
  select.addEventListener("change", () => location.assign(`?site=${encodeURIComponent(select.value)}`));
  document.querySelector("#sites").hidden = false;
}

offerSites().catch(() => {}); // without the list the panel still asks about the only site
