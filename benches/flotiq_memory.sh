#!/usr/bin/env bash
# Prints the peak memory of `haul import` of an export directory of Flotiq into an empty space, and of `haul export` of that space
# afterwards, so that "content stays on disk" can be seen. The space is the sandbox's, a process of its own on 127.0.0.1.
# Needs GNU time, curl and python3. Usage: benches/flotiq_memory.sh [OBJECTS [MEDIA [KIB OF EACH]]]; KEEP=1 keeps the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
objects=${1:-100000} media=${2:-500} kib=${3:-1024}
haul=${HAUL:-target/release/haul}
[ -n "${HAUL:-}" ] || cargo build --release --quiet --bin haul
haul=$(realpath "$haul")
folder=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$folder"
}
trap finish EXIT

# Every tenth object is of the type that the others refer to; every object shows a file, in a relation and in a text.
python3 - "$folder/export" "$objects" "$media" "$kib" <<'PYTHON'
import json, os, random, sys

root, objects, media, kib = sys.argv[1], *map(int, sys.argv[2:])
random.seed(7)
relation = {"type": "array", "items": {"$ref": "#/components/schemas/DataSource"}, "minItems": 0}
text = {"type": "string"}


def write(folder, definition, records):
    os.makedirs(f"{root}/{folder}")
    json.dump(definition, open(f"{root}/{folder}/ContentTypeDefinition.json", "w"), indent=2)
    short = folder.removeprefix("Internal").removeprefix("ContentType")
    with open(f"{root}/{folder}/contentObject{short}.json", "w") as out:
        for record in records:
            out.write(json.dumps(record) + "\n")


def definition(name, label, fields, internal=False):
    own = {"type": "object", "properties": fields}
    schema = {"type": "object", "allOf": [{"$ref": "#/components/schemas/AbstractContentTypeSchemaDefinition"}, own],
              "required": [], "additionalProperties": False}
    config = {field: {"label": field, "inputType": "datasource" if shape is relation else "text", "unique": False}
              for field, shape in fields.items()}
    for field in config:
        if fields[field] is relation:
            target = "_media" if field == "image" else "author"
            config[field]["validation"] = {"relationContenttype": target, "relationMultiple": True}
    return {"name": name, "label": label, "internal": internal, "schemaDefinition": schema,
            "metaDefinition": {"order": list(fields), "propertiesConfig": config}}


def to(kind, id):
    return [{"type": "internal", "dataUrl": f"/api/v1/content/{kind}/{id}"}]


def file_id(number):
    return f"_media-00000000-0000-4000-8000-{number:012}"


def internal(kind):
    return {"status": "public", "contentType": kind, "createdAt": "2026-11-21T02:07:30+00:00",
            "updatedAt": "2026-11-21T02:07:30+00:00", "deletedAt": ""}


def author(number):
    return {"id": f"author-{number:06}", "name": f"Author {number}", "internal": internal("author")}


def post(number):
    file = file_id(number % media)
    body = f"<p>{'Lorem ipsum dolor sit amet. ' * 20}</p><img src=\"https://api.flotiq.com/image/0x0/{file}.txt\">"
    return {"id": f"post-{number:06}", "title": f"Post number {number}", "body": body, "author": to("author", f"author-{number % (objects // 10):06}"),
            "image": to("_media", file), "internal": internal("post")}


def medium(number):
    id = file_id(number)
    return {"id": id, "fileName": f"file-{number}.txt", "mimeType": "text/plain", "size": kib * 1024, "url": f"/image/0x0/{id}.txt",
            "source": "disk", "extension": "txt", "type": "file", "width": 0, "height": 0, "externalId": "", "tags": [],
            "alt": "", "title": "", "variants": [], "internal": internal("_media")}


count = objects // 10
write("ContentTypeAuthor", definition("author", "Author", {"name": text}), (author(n) for n in range(count)))
fields = {"title": text, "body": text, "author": relation, "image": relation}
write("ContentTypePost", definition("post", "Post", fields), (post(n) for n in range(objects - count)))
names = ["fileName", "mimeType", "url", "source", "extension", "type", "externalId", "alt", "title"]
of_media = {name: text for name in names} | {"size": {"type": "number"}, "width": {"type": "number"}, "height": {"type": "number"}}
write("InternalContentTypeMedia", definition("_media", "Media", of_media, True), (medium(n) for n in range(media)))
for number in range(media):
    with open(f"{root}/InternalContentTypeMedia/{file_id(number)}.txt", "wb") as out:
        out.write(random.randbytes(kib * 512).hex().encode())
PYTHON
du -sh "$folder/export" | sed 's/\t.*/ of export/'

export HAUL_CONFIG_DIR=$folder/config HAUL_STATE_DIR=$folder/state HAUL_CREDENTIAL_STORE=file
"$haul" sandbox --platform flotiq --items 1 >"$folder/sandbox.json" &
server=$!
for _ in $(seq 100); do [ -s "$folder/sandbox.json" ] && break; sleep 0.1; done
field() { python3 -c "import json,sys; print(next(s[sys.argv[2]] for s in json.load(open(sys.argv[1]))['servers'] if s['name'] == 'prod'))" "$folder/sandbox.json" "$1"; }
url=$(field url)
export HAUL_REMOTE_SPACE=flotiq:$url HAUL_REMOTE_SPACE_TOKEN=$(field token)
curl --silent --fail --output /dev/null -H "X-AUTH-TOKEN: $HAUL_REMOTE_SPACE_TOKEN" -H "Content-Type: application/json" \
    -d '{"spaceId":"space-prod"}' "$url/api/v1/spaces/space-prod/purge"

measure() {
    local what=$1
    shift
    /usr/bin/time -o "$folder/time" -f "$what: peak %M KiB, %e s" "$haul" "$@" >"$folder/out" 2>"$folder/err" || {
        tail -20 "$folder/err" "$folder/out" >&2
        exit 1
    }
    cat "$folder/time"
}
measure "import of $objects objects and $media media" import "$folder/export" space --skip -y --rate 5000 --json
measure "export of the same" export space "$folder/again" --with-internal --rate 5000 --json
"$haul" list "$folder/again" | tail -6 | grep "items in"
