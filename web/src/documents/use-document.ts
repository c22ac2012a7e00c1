import { useQuery } from "@tanstack/react-query";
import { getDocument, listActions } from "@/api/documents";

export const documentKey = (id: string) => ["document", id] as const;

export const useDocument = (id: string) => useQuery({ queryKey: documentKey(id), queryFn: () => getDocument(id), enabled: id !== "" });

export const useActions = (id: string) =>
  useQuery({ queryKey: [...documentKey(id), "actions"], queryFn: () => listActions(id), enabled: id !== "" });
