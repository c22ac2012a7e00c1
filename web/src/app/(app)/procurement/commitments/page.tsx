import { CommitmentsPage } from "@/reports/commitments";

export default function Page() {
  return <CommitmentsPage />;
}
