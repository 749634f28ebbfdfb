import {useEffect, useRef, useState} from 'react';

const GATEWAY = 'http://127.0.0.1:8000';
const ATTRIBUTES = {
  mode: 'inline',
  endpoint: GATEWAY,
  site: 'docs-chat',
  prompts: JSON.stringify(['How do I index my own site?', 'What happens when the free quota is used up?']),
};

/** The panel inside the page, from the script that the gateway serves. */
export default function DocsChatPanel() {
  const place = useRef(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    // Made by hand: React would set properties where a page of HTML sets attributes.
    const panel = document.createElement('docs-chat-panel');
    for (const [name, value] of Object.entries(ATTRIBUTES)) panel.setAttribute(name, value);
    place.current.append(panel);
    const script = Object.assign(document.createElement('script'), {src: `${GATEWAY}/docs-chat.js`, async: true});
    script.onerror = () => setMissing(true);
    document.head.append(script);
    return () => {
      panel.remove();
      script.remove();
    };
  }, []);
  return (
    <div ref={place}>
      {isMissing && (
        <p>
          No gateway answers at {GATEWAY}: start it with <code>make up</code>.
        </p>
      )}
    </div>
  );
}
