import { DocumentPage } from "@/documents/document-page";

export default function Page() {
  return <DocumentPage />;
}
