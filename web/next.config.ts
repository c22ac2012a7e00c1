import type { NextConfig } from "next";

// The interface holds no authority: it is exported as files that the API serves beside itself, so there is no server
// code here to attack. Record pages take their id from the query string, because exported routes are known beforehand.
const config: NextConfig = {
  output: "export",
  trailingSlash: true,
  images: { unoptimized: true },
  reactStrictMode: true,
};

export default config;
