import { Copy } from "lucide-react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { toast } from "./toast";

interface SecretProps {
  readonly title: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** A secret in the only moment in which it can be seen. */
export const SecretOnce = ({ title, secret, onClose }: SecretProps) => (
  <Dialog
    open
    onOpenChange={(open) => !open && onClose()}
    title={title}
    description="It is shown now and never again. Keep it where only the program that needs it can read it."
    footer={
      <Button variant="primary" onClick={onClose}>
        I have kept it
      </Button>
    }
  >
    <div className="flex items-center gap-2">
      <code className="min-w-0 flex-1 rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs break-all">{secret}</code>
      <Button
        icon={<Copy aria-hidden />}
        onClick={() => void navigator.clipboard.writeText(secret).then(() => toast.done("Copied"), toast.failed)}
      >
        Copy
      </Button>
    </div>
  </Dialog>
);
