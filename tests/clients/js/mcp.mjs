// The official MCP client: what is announced, the tools, the resources. Usage: node mcp.mjs <address>/mcp
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const client = new Client({ name: "test", version: "1.0.0" });
const transport = new StreamableHTTPClientTransport(new URL(process.argv[2]));
await client.connect(transport);

const { tools } = await client.listTools();
const found = await client.callTool({ name: "search_docs", arguments: { query: "retries" } });
const page = await client.callTool({ name: "read_page", arguments: { uri: found.structuredContent.passages[0].uri } });
const wrong = await client.callTool({ name: "search_docs", arguments: { query: "retries", limit: 99 } });
const { resources } = await client.listResources();
const read = await client.readResource({ uri: "https://docs.example.com/retry" });
await transport.terminateSession();
await client.close();

console.log(
  JSON.stringify({
    server: client.getServerVersion(),
    capabilities: Object.keys(client.getServerCapabilities()).sort(),
    tools: tools.map((tool) => tool.name),
    found: found.content[0].text,
    page: page.content[0].text,
    wrong: { isError: wrong.isError, text: wrong.content[0].text },
    resources: resources.map((resource) => resource.name),
    read: read.contents[0].mimeType,
  }),
);
