// A page that the reader may not open: why, in their language.

import { byId } from "./dom.js";
import { startLanguage } from "./i18n.js";
import { inWords } from "./refusals.js";

startLanguage(document.body.dataset.language);
byId("detail").textContent = inWords(byId("detail").textContent);
