import { useMemo } from "react";
import { useMay } from "@/api/permissions";
import { DOCUMENT_TYPES, permissionTo } from "@/documents/registry";
import type { DocumentType } from "@/documents/types/shape";

/** The types of document that I may create. */
export function useCreatable(): readonly DocumentType[] {
  const may = useMay();
  return useMemo(() => DOCUMENT_TYPES.filter((type) => may(permissionTo("create", type))), [may]);
}
