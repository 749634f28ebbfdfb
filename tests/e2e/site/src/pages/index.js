import Link from "@docusaurus/Link";
import Layout from "@theme/Layout";

export default function Home() {
  return (
    <Layout title="My Site">
      <main className="container">
        <h1>My Site</h1>
        <Link to="/docs/intro">Introduction</Link>
      </main>
    </Layout>
  );
}
