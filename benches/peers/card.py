"""What `gpu.py` needs of an NVIDIA GPU: its name, its Vulkan driver, and how much of the time it is busy."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

LOADER = "libvulkan.so.1"
# The second one needs no libraries of X.
DRIVERS = ["libGLX_nvidia.so.0", "libEGL_nvidia.so.0"]
MANIFESTS = [f"{place}/vulkan/icd.d" for place in ("/etc", "/usr/share", "/usr/local/share", "/usr/local/nvidia/share")]
# Where containers have the driver, which the linker need not know.
CONTAINER = ["/usr/local/nvidia/lib64", "/usr/local/nvidia/lib"]
LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", *CONTAINER]


def described():
    """Returns the GPU's name, driver and memory."""
    if shutil.which("nvidia-smi") is None:
        sys.exit("there is no nvidia-smi, hence no NVIDIA GPU; --dry tries the script without one")
    command = ["nvidia-smi", "--id=0", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0 or not answer.stdout.strip():
        sys.exit(f"nvidia-smi finds no GPU: {(answer.stdout + answer.stderr).strip()}")
    return answer.stdout.strip()


def loader():
    """Returns the path of the Vulkan loader that the linker finds, or nothing."""
    program = shutil.which("ldconfig") or "/sbin/ldconfig"
    listed = subprocess.run([program, "-p"], capture_output=True, text=True).stdout
    found = re.search(rf"{re.escape(LOADER)} \(.*x86-64.*\) => (\S+)", listed)
    return found and Path(found[1])


def with_loader(beside):
    """Returns an environment in which the loader in a folder is found, if there is one."""
    return libraries(beside) if (beside / LOADER).exists() else {}


def libraries(*folders):
    known = [os.environ["LD_LIBRARY_PATH"]] if os.environ.get("LD_LIBRARY_PATH") else []
    return {"LD_LIBRARY_PATH": ":".join([*map(str, folders), *known])}


def environments(beside, out):
    """Gives environments in which the loader may find the GPU's driver and no other, the likeliest first."""
    if "VK_DRIVER_FILES" in os.environ or "VK_ICD_FILENAMES" in os.environ:
        yield "the drivers that the environment names", with_loader(beside)
        return
    for folder in MANIFESTS:
        for manifest in sorted(Path(folder).glob("*nvidia*.json")):
            yield str(manifest), {**libraries(beside, *CONTAINER), **only(manifest)}
    for name in DRIVERS:
        places = [Path(folder) / name for folder in LIBRARIES if (Path(folder) / name).exists()]
        # Without a place the linker may still know one.
        for library in [*places, Path(name)]:
            manifest = out / f"{name}.{len(library.parts)}.json"
            icd = {"library_path": str(library), "api_version": "1.3.0"}
            manifest.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": icd}))
            yield f"{library} (manifest written)", {**libraries(beside, *CONTAINER), **only(manifest)}


def only(manifest):
    # The second name is that of loaders before 1.3.207. Without the third, wgpu would take OpenGL where Vulkan fails.
    names = {"VK_DRIVER_FILES": str(manifest), "VK_ICD_FILENAMES": str(manifest)}
    return {**names, "__EGL_VENDOR_LIBRARY_FILENAMES": os.devnull}


def mapped_drivers(pid):
    """Returns the GPU drivers that a process has loaded."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return sorted(set(re.findall(r"\S*/(lib(?:vulkan_|nvidia|cuda|GLX_nvidia|EGL_nvidia)[\w.-]*)", maps)))


class Busy:
    """Samples, between entering and leaving, the share of time in which a kernel ran.

    It is `utilization.gpu` of nvidia-smi: the share of the last sixth of a second to second, as the driver chooses, in
    which one kernel or more was executing, however much of the GPU it filled. `idle` is the rest, in percent, in the
    mean; nothing where there was no sample.
    """

    def __enter__(self):
        command = ["nvidia-smi", "--id=0", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "100"]
        self.samples = []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        self.start = time.monotonic()
        return self

    def read(self):
        for line in self.process.stdout:
            if line.strip().isdigit():
                self.samples.append((time.monotonic(), int(line)))

    def __exit__(self, *error):
        self.end = time.monotonic()
        self.process.terminate()
        self.process.wait()
        self.thread.join(5)

    def idle(self):
        # A sample of the first second may speak of the time before.
        inside = [value for at, value in self.samples if self.start + 1 <= at <= self.end]
        return 100 - sum(inside) / len(inside) if inside else None
