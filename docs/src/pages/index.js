import {Redirect} from '@docusaurus/router';

export default function Home() {
  return <Redirect to="/docs" />;
}
