// Files in the data folder.

import { testFiles } from "./files-flows.mjs";

testFiles();
