import "./phone.js";
import "./patrol.css";

import { begin } from "./modules/patrol/page.js";

begin();
