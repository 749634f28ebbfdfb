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

declare module "@docusaurus/Translate" {
  export function translate(text: { id: string; message: string }): string;
}

declare module "@theme/DocsChatNavbarItem" {
  export default function DocsChatNavbarItem(props: object): import("react").JSX.Element;
}

declare module "@theme-init/NavbarItem/ComponentTypes" {
  /** React component of each type of item. */
  const ComponentTypes: Record<string, unknown>;
  export default ComponentTypes;
}
