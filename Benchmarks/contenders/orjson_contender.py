"""Python's orjson: parses a blob into dictionaries and writes dictionaries, the record within."""

import orjson

import contender

COPIED = [
    ("time", "CreationTime"), ("id", "Id"), ("operation", "Operation"),
    ("organization", "OrganizationId"), ("record_type", "RecordType"), ("result", "ResultStatus"),
    ("workload", "Workload"), ("user", "UserId"), ("user_key", "UserKey"),
    ("user_type", "UserType"), ("object", "ObjectId"), ("site", "SiteUrl"),
    ("file", "SourceFileName"), ("item_type", "ItemType"), ("mailbox", "MailboxOwnerUPN"),
    ("inter_system", "InterSystemsId"), ("intra_system", "IntraSystemId"),
]


def is_set(value):
    return value is not None and value != ""


def pairs(entries):
    found = {}
    for entry in entries or ():
        if isinstance(entry, dict):
            found.setdefault(entry.get("Name"), entry.get("Value"))
    return found


def reshape(blob, lines):
    records = orjson.loads(blob)
    for record in records:
        get = record.get
        event = {}
        for name, member in COPIED:
            value = get(member)
            if is_set(value):
                event[name] = value
        extended = pairs(get("ExtendedProperties"))
        device = pairs(get("DeviceProperties"))
        ip = get("ClientIP") or get("ClientIPAddress") or get("ActorIpAddress")
        context = get("AppAccessContext") or {}
        for name, value in (
            ("ip", ip and contender.address(ip)),
            ("app", get("ApplicationId") or get("AppId")),
            ("user_agent",
             get("UserAgent") or extended.get("UserAgent") or get("ClientInfoString")),
            ("result_detail", extended.get("ResultStatusDetail")),
            ("os", device.get("OS")),
            ("browser", device.get("BrowserType")),
            ("session",
             get("SessionId") or device.get("SessionId") or context.get("AADSessionId")),
        ):
            if is_set(value):
                event[name] = value
        event["raw"] = record
        lines.append(orjson.dumps(event))
        lines.append(b"\n")
    return len(records)


contender.run(reshape)
