import { MovesPage } from "@/reports/moves";

export default function Page() {
  return <MovesPage />;
}
