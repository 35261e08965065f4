"""A host without a window: runs jobs through the bridge, in Windows' Python under wine or in any other.

Arguments: a folder with `engine.json`, `job.json`, `picture.raw` and `mask.raw`; the folder for results; and
what to do, one of the functions below. Prints one line of JSON.
"""

import importlib
import json
import os
import pkgutil
import signal
import sys
import threading
import time
from multiprocessing.connection import Client

import softlight_bridge
from softlight_bridge import places, private_files
from softlight_bridge.client import Engine, end_engine
from softlight_bridge.errors import BridgeError, Cancelled
from softlight_bridge.faces import FacesRequest
from softlight_bridge.messages import Job, PixelFormat, Raster

AT_WORK = "Removing wrinkles"
"""What the filter says while it computes."""

folder, results, scenario = sys.argv[1:4]


def read(name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


told = json.loads(read("job.json").decode("utf-8"))
width, height = told["size"]
picture, row = read("picture.raw"), width * 3
engine = Engine.beside(folder, "a test")
job = Job(
    filter="dewrinkle",
    settings={},
    picture_size=(width, height),
    format=PixelFormat("RGB", "u8"),
    transfer="perceptual",
    icc=None,
    mask=Raster(*told["mask_size"], PixelFormat("Y", "u8"), read("mask.raw")),
    mask_origin=tuple(told["mask_origin"]),
    layer_format=PixelFormat("RGBA", "u8"),
    mask_depth="u8",
    blends=("normal", "soft-light"),
)


def read_pixels(box):
    rows = range(box.top, box.top + box.height)
    data = b"".join(picture[y * row + box.left * 3 : y * row + (box.left + box.width) * 3] for y in rows)
    return Raster(box.width, box.height, job.format, data)


def pid():
    return private_files.read_state().pid


def unlike_any_before():
    """The job with a mask of its own, as the engine gives its last result again without computing."""
    level = bytes([200 + os.urandom(1)[0] % 50])
    mask = job.mask._replace(data=job.mask.data.replace(b"\xff", level))
    return job._replace(mask=mask)


def once(progress=lambda done, text: None, asked=job):
    """Run a job; return how long it took and what came."""
    begun = time.monotonic()
    result = engine.run(asked, read_pixels, progress)
    layers = []
    for number, layer in enumerate(result.layers):
        for kind, raster in (("pixels", layer.pixels), ("mask", layer.mask)):
            with open(os.path.join(results, f"{number}.{kind}"), "wb") as file:
                file.write(raster.data)
        layers.append({"name": layer.name, "blend": layer.blend, "box": list(layer.box)})
    return {"seconds": time.monotonic() - begun, "engine": pid(), "group": result.group, "layers": layers}


def run():
    return once()


def whole_faces():
    """Ask for the faces with a thumbnail each, then run without a mask."""
    request = FacesRequest(job.picture_size, job.format, job.transfer, job.icc, 64)
    found = engine.faces(request, read_pixels)
    for face in found.faces:
        with open(os.path.join(results, f"{face.number}.thumbnail"), "wb") as file:
            file.write(face.thumbnail.data)
    faces = [{"box": list(face.box), "score": face.score, "points": face.points} for face in found.faces]
    return {"faces": faces, **once(asked=job._replace(mask=None, mask_origin=(0, 0)))}


def preview():
    seen = engine.preview(job, read_pixels, (300, 300))
    return {"label": seen.view_label, "size": [seen.after.width, seen.after.height], "engine": pid()}


def twice():
    return [once(), once()]


def cancel():
    """Cancel as soon as the engine computes, then do it again to the end."""

    def stop(done, text):
        if text == AT_WORK:
            raise Cancelled

    begun = time.monotonic()
    try:
        engine.run(unlike_any_before(), read_pixels, stop)
    except Cancelled:
        return {"cancelled": True, "seconds": time.monotonic() - begun, "after": once()}
    return {"cancelled": False}


def kill():
    """Kill the engine as soon as it computes, then do it again."""
    victims = []

    def murder(done, text):
        if text == AT_WORK and not victims:
            victims.append(pid())
            os.kill(victims[0], signal.SIGTERM)

    try:
        engine.run(unlike_any_before(), read_pixels, murder)
    except BridgeError as error:
        return {"said": str(error), "kind": type(error).__name__, "victim": victims[0], "after": once()}
    return {}


def silent():
    """Connect and say nothing; others are served meanwhile, and we are thrown out."""
    first = once()
    mute = Client(private_files.read_state().address)
    begun = time.monotonic()
    served = once()
    thrown_out, end = None, time.monotonic() + 120
    try:
        while time.monotonic() < end:
            mute.recv_bytes()
    except (EOFError, OSError):
        thrown_out = time.monotonic() - begun
    return {"engines": [first["engine"], served["engine"]], "thrown_out": thrown_out}


def idle():
    """Let the engine end by itself, as its settings say."""
    os.makedirs(places.config_folder(), exist_ok=True)
    with open(os.path.join(places.config_folder(), "settings.toml"), "w") as file:
        file.write("[engine]\nidle_minutes = 0.02\n")
    served = once()
    end = time.monotonic() + 120
    while os.path.exists(places.state_path()) and time.monotonic() < end:
        time.sleep(0.1)
    left = sorted(os.listdir(places.runtime_folder()))
    os.remove(os.path.join(places.config_folder(), "settings.toml"))
    with open(places.log_path(), encoding="utf-8") as file:
        return {"engine": served["engine"], "left": left, "log": file.read()}


def everything_imports():
    modules = [module.name for module in pkgutil.iter_modules(softlight_bridge.__path__)]
    for name in modules:
        importlib.import_module("softlight_bridge." + name)
    return {"python": list(sys.version_info[:2]), "modules": modules}


def rewritten():
    """Write the state file while another thread reads it, a hundred times."""
    once()
    state, complaints, finished = private_files.read_state(), [], threading.Event()

    def look():
        while not finished.is_set():
            try:
                if private_files.read_state() != state:
                    complaints.append("another state")
            except BridgeError as error:
                complaints.append(str(error))

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(100):
            private_files.write_state(state)
    except BridgeError as error:
        complaints.append(str(error))
    finished.set()
    for reader in readers:
        reader.join()
    return complaints


def unwritable():
    """Let the engine fail to start, since there is a folder where its lock should go."""
    end_engine()
    while os.path.exists(places.key_path()):
        time.sleep(0.05)
    time.sleep(1)  # the engine's process ends, and leaves its lock
    os.remove(places.lock_path())
    os.mkdir(places.lock_path())
    try:
        return once()
    except BridgeError as error:
        return str(error)
    finally:
        os.rmdir(places.lock_path())


def models():
    """A model on a server of this machine: downloaded, used, found to be changed, used again, removed."""
    own = os.path.join(places.config_folder(), "models.d")
    os.makedirs(own, exist_ok=True)
    with open(os.path.join(own, "tiny.toml"), "wb") as file:
        file.write(read("tiny.toml"))
    embedded = once()
    states, prints = [], []

    def note(models):
        states.append(next(line.state for line in models.models if line.id == "tiny"))

    def run_and_print():
        once()
        with open(os.path.join(results, "0.pixels"), "rb") as file:
            prints.append(hash(file.read()))

    run_and_print()
    note(engine.models())
    found = engine.download_models(["tiny"], ["tiny"])
    note(found)
    run_and_print()
    path = os.path.join(found.folder, "tiny", "tiny.onnx")
    with open(path, "r+b") as file:
        file.seek(0, 2)
        file.write(b"x")
    note(engine.verify_models(["tiny"]))
    run_and_print()
    note(engine.download_models(["tiny"], ["tiny"]))
    run_and_print()
    note(engine.remove_model("tiny"))
    run_and_print()
    # 0 for what the embedded model makes, 1 for what another makes.
    used = [int(one != prints[0]) for one in prints]
    return {"states": states, "used": used, "engines": [embedded["engine"], pid()], "folder": found.folder}


def told_to_end():
    return {"ended": end_engine()}


def where():
    once()
    state = private_files.read_state()
    return {"address": state.address, "runtime": places.runtime_folder(), "log": places.log_path()}


def rights():
    """The access control list of the engine's pipe, and our own SID (Windows only)."""
    import ctypes

    from softlight_bridge.windows import own_sid

    once()
    connection = Client(private_files.read_state().address)
    descriptor, text = ctypes.c_void_p(), ctypes.c_void_p()
    dacl, kernel_object = 4, 6
    advapi32 = ctypes.WinDLL("advapi32")
    failed = advapi32.GetSecurityInfo(
        ctypes.c_void_p(connection.fileno()),
        kernel_object,
        dacl,
        None,
        None,
        None,
        None,
        ctypes.byref(descriptor),
    )
    assert not failed, failed
    convert = advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW
    assert convert(descriptor, 1, dacl, ctypes.byref(text), None)
    return {"rights": ctypes.wstring_at(text.value), "me": own_sid()}


print(json.dumps(globals()[scenario]()))
