import { DocumentListPage } from "@/documents/list-page";
import { collectionParams } from "@/documents/registry";

export const dynamicParams = false;
export const generateStaticParams = collectionParams;

export default async function Page({ params }: { readonly params: Promise<{ context: string; collection: string }> }) {
  const { context, collection } = await params;
  return <DocumentListPage collection={`${context}/${collection}`} />;
}
