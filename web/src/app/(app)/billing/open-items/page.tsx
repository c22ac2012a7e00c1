import { OpenItemsPage } from "@/reports/open-items";

export default function Page() {
  return <OpenItemsPage />;
}
