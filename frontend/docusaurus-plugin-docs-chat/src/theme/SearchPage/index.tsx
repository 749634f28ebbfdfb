/** The page with all results. Its address keeps the query, so that Back, Forward and a copied link show them again. */

import Head from "@docusaurus/Head";
import { useHistory, useLocation } from "@docusaurus/router";
import { makeResultsPage, say } from "@theme/DocsChatSearch/page";
import Layout from "@theme/Layout";
import { useEffect, useRef, useState } from "react";

type Results = NonNullable<Awaited<ReturnType<typeof makeResultsPage>>>;

export default function SearchPage() {
  const place = useRef<HTMLDivElement>(null);
  const [results, setResults] = useState<Results>();
  const [failed, setFailed] = useState(false);
  const { search, pathname } = useLocation();
  const history = useHistory();
  const query = new URLSearchParams(search).get("q") ?? "";

  useEffect(() => {
    makeResultsPage().then(setResults, () => setFailed(true));
  }, []);

  useEffect(() => {
    if (!results || !place.current) return undefined;
    place.current.replaceChildren(results);
    results.query = query;
    // On a phone the keyboard would cover the results.
    if (!query || matchMedia("(hover: hover)").matches) results.focus();
    return () => results.remove();
  }, [results]);

  useEffect(() => {
    // What was typed comes back through the address, late: the box may hold more by then.
    if (results && history.action !== "REPLACE") results.query = query;
  }, [results, query, history]);

  useEffect(() => {
    const keep = (event: Event) => {
      const { detail } = event as CustomEvent<string>;
      history.replace({ pathname, search: detail ? `?${new URLSearchParams({ q: detail }).toString()}` : "" });
    };
    results?.addEventListener("docs-chat:query", keep);
    return () => results?.removeEventListener("docs-chat:query", keep);
  }, [results, history, pathname]);

  return (
    <Layout title={query ? say("searchedFor", { query }) : say("searchDocs")}>
      <Head>
        <meta name="robots" content="noindex, follow" />
      </Head>
      <main className="container margin-vert--lg">
        <div className="row">
          <div className="col col--8 col--offset-2">
            <h1>{say("searchDocs")}</h1>
            {failed && <p role="alert">{say("searchNotLoaded")}</p>}
            <div ref={place} />
          </div>
        </div>
      </main>
    </Layout>
  );
}
