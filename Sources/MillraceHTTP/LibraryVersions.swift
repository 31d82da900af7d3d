import CCurl
import CMicroHTTPD

extension CurlClient {
  /// The version of libcurl in use, with the libraries below it.
  package static var libraryVersion: String { String(cString: curl_version()) }
}

extension HTTPServer {
  /// The version of libmicrohttpd in use.
  package static var libraryVersion: String { String(cString: MHD_get_version()) }
}
