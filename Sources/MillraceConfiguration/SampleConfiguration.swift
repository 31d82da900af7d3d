/// A commented configuration to begin with: what `init` writes when it is told nothing.
package enum SampleConfiguration {
  /// YAML that parses without errors or warnings as it stands, with every default named.
  package static let text = #"""
    # Millrace collects the audit logs of Microsoft 365 and delivers them to sinks.
    #
    # Check this file with: millrace check
    # Durations are 30s, 15m, 24h, 30d; sizes are 64KiB, 1GiB. ${NAME} takes an environment
    # variable, ${NAME:-default} has a default, $$ is a dollar sign. Relative paths are relative to
    # the folder Millrace is started in.

    store:
      path: /var/lib/millrace        # a folder; holds millrace.db
      retention: 30d                 # how long delivered content stays, for replay
      max_size: 50GiB                # then when_full decides
      when_full: pause               # pause: fetch no more until there is room
                                     # drop_oldest: drop old content, delivered or not

    # How long an event is remembered, so that its repetition is not delivered; or off.
    deduplicate: 8d

    tenants:
      - id: 41463f53-8812-40f4-890f-865bf6e35190   # the tenant's GUID, or a verified domain
        name: contoso                # used in paths, metrics and events; defaults to the id
        cloud: worldwide             # worldwide | gcc | gcc-high | dod | china
        client_id: 9b2c1d7e-0000-4000-8000-000000000001   # the application's ID
        credential:                  # exactly one of these
          client_secret: file:/etc/millrace/contoso.secret   # a file with mode 0600
          # client_secret: credential:contoso       # systemd: LoadCredential=contoso:/path
          # client_secret: ${CONTOSO_SECRET}
          # certificate: {path: contoso.pem, key: contoso.key}
          # certificate: {path: contoso.pfx, password: file:/etc/millrace/pfx.password}
          # federated_token_file: /var/run/secrets/azure/tokens/token
          # workload_identity: {}                   # Kubernetes; {provider: github | google | aws | azure}
          # managed_identity: {}                    # or {client_id: GUID}
        # domains: [contoso.com]                    # its verified domains: others are outside
        # content_types: [Audit.AzureActiveDirectory, Audit.Exchange, Audit.SharePoint, Audit.General, DLP.All]
        # poll_interval: 60s
        # relist: {span: 24h, every: 1h}   # listed again, for late blobs
        # publisher_id: GUID               # whose quota counts; defaults to the tenant's id
        # requests_per_minute: 2000
        # webhook: {address: "https://collector.example.com/webhook", auth_id: file:/etc/millrace/webhook.word}

    # proxy: http://proxy.example.com:3128   # or a mapping; HTTPS_PROXY counts unless it is given
    # ca_file: /etc/millrace/corporate-ca.pem   # trusted beside the system's authorities

    sinks:
      archive:
        type: file                   # file | syslog | http | splunk_hec | elasticsearch | sentinel
                                     # | kafka | stdout
        path: /var/log/millrace/{tenant}-{date}.ndjson
                                     # {tenant} {content_type} {workload} {date} {hour}
        format: native               # native | raw | ecs | ecs_o365 | ocsf | cef
        # raw: off                   # off | string | object: the untouched record in each event
        # from: oldest               # where a new sink begins: now | oldest | 2026-03-04
        # filter:
        #   include: {workloads: [Exchange, SharePoint]}
        #   exclude: {operations: [FileAccessed], users: ["*@service.example.com"]}
        # batch: {events: 10000, bytes: 4MiB, time: 0s}
        # retry: {initial: 1s, max: 5m}

      # siem:
      #   type: syslog
      #   address: tls://siem.example.com:6514   # udp://, tcp://, tls://, unix:
      #   format: ecs

    # labels: {site: hq}               # constants that every event carries

    # location:                        # where addresses are, from databases of yours
    #   city: /var/lib/GeoIP/GeoLite2-City.mmdb
    #   asn: /var/lib/GeoIP/GeoLite2-ASN.mmdb
    #   proxies: [203.0.113.0/24]      # where your own people come out of

    console:
      listen: 127.0.0.1:8365         # status page, /metrics, /healthz, /readyz

    """#
}
