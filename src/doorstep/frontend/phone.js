import "./phone.css";

import "./modules/htmx.js";
import "./modules/behaviours.js";
import "./modules/position.js";
import "./modules/installed.js";
import "./modules/signing_out.js";
import "./modules/report.js";
import { loadWhenPresent } from "./modules/lazy.js";

loadWhenPresent();
