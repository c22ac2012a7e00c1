import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileDown, Upload } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { attach, downloadAttachment, listAttachments } from "@/api/documents";
import type { Attachment } from "@/api/types";
import { classes } from "@/lib/classes";
import { formatBytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { Age } from "@/ui/figures";
import { ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";

/** Files of a document: dropped, chosen or photographed, and downloaded again. */
export function Attachments({ id }: { readonly id: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<string | null>(null);
  const queries = useQueryClient();
  const { data, error, isPending } = useQuery({ queryKey: ["document", id, "attachments"], queryFn: () => listAttachments(id) });
  const send = async (files: readonly File[]) => {
    for (const file of files) {
      setSending(file.name);
      try {
        await attach(id, file);
        toast.done(`${file.name} attached`);
      } catch (refusal) {
        toast.failed(refusal);
      }
    }
    setSending(null);
    await queries.invalidateQueries({ queryKey: ["document", id] });
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send([...event.dataTransfer.files]);
  };
  const download = async (attachment: Attachment) => {
    try {
      await downloadAttachment(id, attachment);
    } catch (refusal) {
      toast.failed(refusal);
    }
  };
  return (
    <div className="flex flex-col gap-3">
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={classes(
          "flex flex-wrap items-center justify-center gap-3 rounded-lg border border-dashed border-edge px-4 py-6 text-muted",
          over && "border-accent bg-accent-soft text-accent",
        )}
      >
        <span>{sending ? `Sending ${sending}…` : "Drop files here, or"}</span>
        <Button icon={<Upload aria-hidden />} busy={sending !== null} onClick={() => input.current?.click()}>
          Choose files
        </Button>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            void send([...(event.target.files ?? [])]);
            // So that the same file can be chosen again after it was refused.
            event.target.value = "";
          }}
        />
      </div>
      {isPending ? <LoadingRows rows={2} /> : null}
      {error ? <ErrorState error={error} /> : null}
      <ul>
        {data?.map((attachment) => (
          <li key={attachment.id} className="flex items-center gap-3 border-b border-line py-1.5">
            <button type="button" className="link min-w-0 flex-1 truncate text-left" onClick={() => void download(attachment)}>
              <FileDown className="mr-1.5 inline size-4" aria-hidden />
              {attachment.name}
            </button>
            <span className="shrink-0 text-xs text-muted">
              {formatBytes(attachment.size)} · <Age instant={attachment.created_at} />
            </span>
          </li>
        ))}
      </ul>
      {data?.length === 0 ? <p className="text-muted">No files yet.</p> : null}
    </div>
  );
}
