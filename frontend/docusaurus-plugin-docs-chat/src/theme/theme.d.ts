/** What a site's theme and Docusaurus offer to components; only the parts that are used here. */

declare module "@theme/Layout" {
  export default function Layout(props: {
    title: string;
    children: import("react").ReactNode;
  }): import("react").JSX.Element;
}

declare module "@docusaurus/Head" {
  export default function Head(props: { children: import("react").ReactNode }): import("react").JSX.Element;
}
