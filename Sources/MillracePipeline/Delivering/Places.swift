package import MillraceConfiguration
package import MillraceLocation
package import MillraceRuntime

extension LocationConfiguration {
  /// Opens what the section names.
  package func open(log: Log) -> PlaceDatabases {
    var sources = LocationSources()
    sources.city = city
    sources.network = asn
    sources.anonymity = anonymous
    sources.proxies = proxies
    sources.serviceRanges = serviceRanges
    return PlaceDatabases(sources, log: log)
  }
}
