import { HomePage } from "@/home/home";

export default function Page() {
  return <HomePage />;
}
