import { useEffect, useState } from 'react';
import { messages } from '@/messages.en';
import { Button, IconButton } from './Button';

/** Copies text; falls back to a selected text box where the clipboard is closed to plain HTTP. */
export const copyText = async (text: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = document.createElement('textarea');
    box.value = text;
    box.style.position = 'fixed';
    document.body.append(box);
    box.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way on a page without TLS
    document.execCommand('copy');
    box.remove();
  }
};

type CopyButtonProps = { text: string; label: string; iconOnly?: boolean };

export const CopyButton = ({ text, label, iconOnly = false }: CopyButtonProps) => {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = () => void copyText(text).then(() => setCopied(true));
  return (
    <>
      {iconOnly ? (
        <IconButton icon={copied ? 'tick' : 'copy'} label={label} onClick={copy} />
      ) : (
        <Button onClick={copy}>{copied ? messages.common.copied : label}</Button>
      )}
      <span role="status" className="sr-only">
        {copied ? messages.common.copied : ''}
      </span>
    </>
  );
};
