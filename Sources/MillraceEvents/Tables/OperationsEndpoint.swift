/// What the operations on files of devices mean (record type 63). Some names are those of
/// SharePoint; they mean this in this record type alone.
enum EndpointOperations {
  /// The rows.
  static let rows: [OperationRow] = [
    .init("filecopiedtoremovablemedia", .dataProtection, "endpoint.file.copy_to_media", .export),
    .init("removablemediawrite", .dataProtection, "endpoint.file.copy_to_media", .export),
    .init("fileuploadedtocloud", .dataProtection, "endpoint.file.upload", .export),
    .init("fileprinted", .dataProtection, "endpoint.file.print", .export),
    .init("filecopiedtoclipboard", .dataProtection, "endpoint.file.copy", .export),
    .init("filecopiedtoremotedesktopsession", .dataProtection, "endpoint.file.copy", .export),
    .init("filecopiedtonetworkshare", .dataProtection, "endpoint.file.copy_to_share", .export),
    .init("filetransferredbybluetooth", .dataProtection, "endpoint.file.bluetooth", .export),
    .init("fileaccessedbyunallowedapp", .dataProtection, "endpoint.file.access", .read),
    .init("fileread", .dataProtection, "endpoint.file.access", .read),
    .init("fileaccessed", .dataProtection, "endpoint.file.access", .read),
    .init("filecreated", .dataProtection, "endpoint.file.create", .create),
    .init("filecreatedonnetworkshare", .dataProtection, "endpoint.file.create", .create),
    .init("filecreatedonremovablemedia", .dataProtection, "endpoint.file.create", .create),
    .init("filemodified", .dataProtection, "endpoint.file.update", .update),
    .init("filerenamed", .dataProtection, "endpoint.file.rename", .update),
    .init("filedeleted", .dataProtection, "endpoint.file.delete", .delete),
    .init("filearchived", .dataProtection, "endpoint.file.archive", .create),
    .init("archivecreated", .dataProtection, "endpoint.file.archive", .create),
    .init("filedownloaded", .dataProtection, "endpoint.file.download", .create),
    .init("filedownloadedfrombrowser", .dataProtection, "endpoint.file.download", .create),
    .init("webpagecopiedtoclipboard", .dataProtection, "endpoint.web.copy", .export),
    .init("pastedtobrowser", .dataProtection, "endpoint.web.copy", .export),
    .init("webpageprinted", .dataProtection, "endpoint.web.print", .export),
    .init("webpagesavedtolocal", .dataProtection, "endpoint.web.save", .create),
  ]
}
