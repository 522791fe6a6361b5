import "./desk.css";

import Collapse from "bootstrap/js/dist/collapse";
import Dropdown from "bootstrap/js/dist/dropdown";
import Modal from "bootstrap/js/dist/modal";
import Offcanvas from "bootstrap/js/dist/offcanvas";

import "./modules/htmx.js";
import "./modules/behaviours.js";
import "./modules/picker.js";
import "./modules/picking.js";
import "./modules/signing_out.js";
import { loadWhenPresent } from "./modules/lazy.js";
import { openPanels } from "./modules/panels.js";

// Named here so that the build keeps them: they attach themselves to data-bs-… attributes.
export const parts = { Collapse, Dropdown, Modal, Offcanvas };

openPanels(Offcanvas);
loadWhenPresent();
