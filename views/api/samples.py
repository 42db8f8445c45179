"""Programs to begin with: calling the API, and telling whether an event that came in is ours. Tests run all of them."""

PYTHON = """\
import base64, hashlib, hmac, json, secrets, time, urllib.request

BASE, KEY_ID, SECRET = "%(base)s", "%(key_id)s", "%(secret)s"

def call(method, target, given=None):
    body = b"" if given is None else json.dumps(given).encode()
    digest = hashlib.sha256(f"{method} {target}".encode()).hexdigest()
    message_id, at = f"{secrets.token_hex(16)}_{digest}", str(int(time.time()))
    content = f"{message_id}.{at}.".encode() + body
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    headers = {"webhook-key-id": KEY_ID, "webhook-id": message_id, "webhook-timestamp": at,
               "webhook-signature": f"v1,{signature}", "Content-Type": "application/json"}
    request = urllib.request.Request(BASE + target, data=body or None, headers=headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")

print(call("GET", "/api/v1/identity"))
"""
SHELL = """\
BASE='%(base)s' KEY_ID='%(key_id)s' SECRET='%(secret)s'
sign() {  # sign METHOD TARGET FILE
  local id at key signature
  id="$(openssl rand -hex 16)_$(printf '%%s %%s' "$1" "$2" | openssl dgst -sha256 -r | cut -c1-64)"
  at="$(date +%%s)"
  key="$(printf %%s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')"
  signature="$({ printf '%%s.%%s.' "$id" "$at"; cat "$3"; } |
    openssl dgst -sha256 -mac HMAC -macopt hexkey:"$key" -binary | base64)"
  signed=(-H "webhook-key-id: $KEY_ID" -H "webhook-id: $id" -H "webhook-timestamp: $at"
    -H "webhook-signature: v1,$signature")
}
api() {  # api METHOD TARGET [JSON [CURL-OPTION…]]
  sign "$1" "$2" <(printf %%s "${3-}")
  curl -sS -X "$1" "$BASE$2" "${signed[@]}" \\
    ${3:+-H 'Content-Type: application/json' --data-binary "$3"} "${@:4}"
}
upload() {  # upload RESOURCE CATEGORY FILE
  local body border
  body="$(mktemp)" border="$(openssl rand -hex 16)"
  { printf -- '--%%s\\r\\nContent-Disposition: form-data; name="category"\\r\\n\\r\\n%%s\\r\\n' "$border" "$2"
    printf -- '--%%s\\r\\nContent-Disposition: form-data; name="file"; filename="%%s"\\r\\n\\r\\n' "$border" "${3##*/}"
    cat "$3"; printf '\\r\\n--%%s--\\r\\n' "$border"; } >"$body"
  sign POST "/api/v1/$1/files" "$body"
  curl -sS "$BASE/api/v1/$1/files" "${signed[@]}" \\
    -H "Content-Type: multipart/form-data; boundary=$border" --data-binary "@$body"
  rm -f "$body"
}
api GET /api/v1/identity
"""
PYTHON_RECEIVER = """\
import base64, hashlib, hmac, json, time

SECRET = "whsec_…"

def event_of(headers, body):
    message_id, at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > 300:
        raise ValueError("webhook-timestamp")
    content = f"{message_id}.{at}.".encode() + body  # body: bytes
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    ours = b"v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest())
    given = headers["webhook-signature"].encode().split()
    if not any(hmac.compare_digest(ours, each) for each in given):
        raise ValueError("webhook-signature")
    return json.loads(body)
"""
SHELL_RECEIVER = """\
SECRET='whsec_…'
is_ours() {  # is_ours WEBHOOK-ID WEBHOOK-TIMESTAMP WEBHOOK-SIGNATURE FILE
  local age key ours
  age=$(($(date +%s) - $2))
  key="$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')"
  ours="v1,$({ printf '%s.%s.' "$1" "$2"; cat "$4"; } |
    openssl dgst -sha256 -mac HMAC -macopt hexkey:"$key" -binary | base64)"
  [ "${age#-}" -le 300 ] && case " $3 " in *" $ours "*) ;; *) false ;; esac
}
"""
