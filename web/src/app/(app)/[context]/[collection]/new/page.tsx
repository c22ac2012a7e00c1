import { NewDocumentPage } from "@/documents/form/form-page";
import { collectionParams } from "@/documents/registry";

export const dynamicParams = false;
export const generateStaticParams = collectionParams;

export default async function Page({ params }: { readonly params: Promise<{ context: string; collection: string }> }) {
  const { context, collection } = await params;
  return <NewDocumentPage collection={`${context}/${collection}`} />;
}
