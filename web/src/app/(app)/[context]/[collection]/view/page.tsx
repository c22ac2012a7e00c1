import { DocumentPage } from "@/documents/document-page";
import { collectionParams } from "@/documents/registry";

export const dynamicParams = false;
export const generateStaticParams = collectionParams;

export default function Page() {
  return <DocumentPage />;
}
