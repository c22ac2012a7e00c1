import { GrniPage } from "@/reports/grni";

export default function Page() {
  return <GrniPage />;
}
