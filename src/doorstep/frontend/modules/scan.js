import "../styles/scan.css";

/** "扫一扫": a code seen by the camera, or on a picture, fills an input and sends its form. Typing stays possible. */
const EVERY = 120; // ms between looks
const HINT_AFTER = 12000;
const ON_CAMERA = 960; // px of the longer side
const ON_PICTURE = [1600, 800];

/** The browser's own reader; where there is none, or it fails, ours, which only then is fetched. */
async function nativeReader() {
  const formats = (await window.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (!formats.includes("qr_code")) return null;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  return async (canvas) => (await detector.detect(canvas))[0]?.rawValue ?? "";
}

async function ownReader() {
  const { decodeQR } = await import("qr/decode.js");
  return async (canvas) => {
    try {
      return decodeQR(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return ""; // how it says that there is none
    }
  };
}

async function readerOf() {
  let read = await nativeReader();
  let own = !read;
  if (own) read = await ownReader();
  return async (canvas) => {
    try {
      return await read(canvas);
    } catch (error) {
      // many phones in China have the browser's reader without what it needs
      if (own) throw error;
      own = true;
      read = await ownReader();
      return read(canvas);
    }
  };
}

function drawn(canvas, source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function pictureOf(file) {
  const address = URL.createObjectURL(file);
  const picture = new Image();
  picture.src = address;
  try {
    await picture.decode();
    return picture;
  } finally {
    URL.revokeObjectURL(address);
  }
}

class Scanner {
  constructor(box) {
    this.box = box;
    this.words = box.dataset;
    this.input = document.querySelector(box.dataset.scanTarget);
    this.pattern = box.dataset.scanPattern ? new RegExp(box.dataset.scanPattern) : null;
    this.canvas = document.createElement("canvas");
    this.video = this.part("view").querySelector("video");
    this.round = 0;
    this.part("open").hidden = !navigator.mediaDevices?.getUserMedia;
    this.part("picture").hidden = false;
    this.part("open").addEventListener("click", () => this.open());
    this.part("close").addEventListener("click", () => this.close());
    this.part("file").addEventListener("change", () => this.look());
    window.addEventListener("pagehide", () => this.close());
    document.addEventListener("visibilitychange", () => document.hidden && this.close());
  }

  part(name) {
    return this.box.querySelector(`[data-scan-${name}]`);
  }

  say(words) {
    this.part("says").textContent = words;
  }

  async open() {
    const round = (this.round += 1);
    this.say(this.words.textOpening);
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
        audio: false,
      });
    } catch (error) {
      this.say(this.whyNot(error));
      this.input.focus();
      return;
    }
    if (round !== this.round) {
      for (const track of stream.getTracks()) track.stop(); // closed before the camera was there
      return;
    }
    this.stream = stream;
    this.video.srcObject = stream;
    this.show(true);
    this.say(this.words.textAim);
    this.part("close").focus();
    try {
      await this.video.play();
      await this.watch(round);
    } catch {
      if (round !== this.round) return;
      this.close();
      this.say(this.words.textBroken);
    }
  }

  whyNot(error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") return this.words.textRefused;
    if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return this.words.textAbsent;
    return this.words.textBroken;
  }

  async watch(round) {
    this.read ??= await readerOf();
    const since = Date.now();
    while (round === this.round) {
      const { videoWidth, videoHeight } = this.video;
      if (videoWidth) {
        const text = await this.read(drawn(this.canvas, this.video, videoWidth, videoHeight, ON_CAMERA));
        if (round !== this.round) return;
        if (text && this.take(text)) return;
        if (!text && Date.now() - since > HINT_AFTER) this.say(this.words.textHint);
      }
      await new Promise((done) => setTimeout(done, EVERY));
    }
  }

  show(open) {
    this.part("view").hidden = !open;
    this.part("close").hidden = !open;
    this.part("open").hidden = open || !navigator.mediaDevices?.getUserMedia;
  }

  close() {
    this.round += 1;
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = this.video.srcObject = null;
    this.show(false);
    this.say("");
  }

  async look() {
    const field = this.part("file");
    const [file] = field.files;
    if (!file) return;
    this.close();
    this.say(this.words.textLooking);
    try {
      const picture = await pictureOf(file);
      this.read ??= await readerOf();
      for (const longest of ON_PICTURE) {
        const { naturalWidth, naturalHeight } = picture;
        const text = await this.read(drawn(this.canvas, picture, naturalWidth, naturalHeight, longest));
        if (text) {
          this.take(text);
          return;
        }
      }
      this.say(this.words.textNothing);
    } catch {
      this.say(this.words.textNothing);
    } finally {
      field.value = ""; // the same picture may be chosen again
    }
  }

  /** Is this the code that is asked for here? Then the form goes. */
  take(text) {
    const found = this.pattern ? this.pattern.exec(text)?.[1] : text.trim();
    const before = this.input.value;
    this.input.value = found ?? "";
    if (!found || this.input.value !== found || !this.input.checkValidity()) {
      this.input.value = before;
      this.say(this.words.textOther);
      return false;
    }
    this.close();
    this.say(this.words.textFound.replace("{code}", found));
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    const { form } = this.input;
    if (form?.requestSubmit) form.requestSubmit();
    else form?.submit();
    return true;
  }
}

export function scanIn(root) {
  for (const box of root.querySelectorAll("[data-scan]:not([data-scan-ready])")) {
    box.dataset.scanReady = "";
    new Scanner(box);
  }
}
