import CPQ
import Foundation
import Store

/// The functions of libpq that are used, found in the library when a PostgreSQL is first asked for: a
/// house on SQLite needs no such library.
///
/// Source: PostgreSQL 15 documentation, chapter 34 (libpq).
struct LibPQ: Sendable {
    typealias Words = UnsafePointer<UnsafePointer<CChar>?>?
    typealias Lengths = UnsafePointer<Int32>?

    let conninfoParse:
        @convention(c) (UnsafePointer<CChar>?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) ->
            UnsafeMutablePointer<PQconninfoOption>?
    let conninfoFree: @convention(c) (UnsafeMutablePointer<PQconninfoOption>?) -> Void
    let connectdbParams: @convention(c) (Words, Words, Int32) -> OpaquePointer?
    let finish: @convention(c) (OpaquePointer?) -> Void
    let status: @convention(c) (OpaquePointer?) -> ConnStatusType
    let serverVersion: @convention(c) (OpaquePointer?) -> Int32
    let parameterStatus: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> UnsafePointer<CChar>?
    let transactionStatus: @convention(c) (OpaquePointer?) -> PGTransactionStatusType
    let errorMessage: @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
    let socket: @convention(c) (OpaquePointer?) -> Int32
    let setNoticeReceiver:
        @convention(c) (OpaquePointer?, PQnoticeReceiver?, UnsafeMutableRawPointer?) -> PQnoticeReceiver?

    let exec: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> OpaquePointer?
    let prepare:
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Int32, UnsafePointer<Oid>?
        ) ->
            OpaquePointer?
    let execPrepared:
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32, Words, Lengths, Lengths, Int32) ->
            OpaquePointer?
    let sendQueryParams:
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>?, Int32, UnsafePointer<Oid>?, Words, Lengths, Lengths, Int32
        ) -> Int32
    let sendQueryPrepared:
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32, Words, Lengths, Lengths, Int32) -> Int32
    let getResult: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let enterPipeline: @convention(c) (OpaquePointer?) -> Int32
    let exitPipeline: @convention(c) (OpaquePointer?) -> Int32
    let pipelineSync: @convention(c) (OpaquePointer?) -> Int32

    let putCopyData: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32
    let putCopyEnd: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Int32
    let consumeInput: @convention(c) (OpaquePointer?) -> Int32
    let notifies: @convention(c) (OpaquePointer?) -> UnsafeMutablePointer<PGnotify>?
    let freemem: @convention(c) (UnsafeMutableRawPointer?) -> Void

    let resultStatus: @convention(c) (OpaquePointer?) -> ExecStatusType
    let resultErrorField: @convention(c) (OpaquePointer?, Int32) -> UnsafeMutablePointer<CChar>?
    let clear: @convention(c) (OpaquePointer?) -> Void
    let ntuples: @convention(c) (OpaquePointer?) -> Int32
    let ftype: @convention(c) (OpaquePointer?, Int32) -> Oid
    let getisnull: @convention(c) (OpaquePointer?, Int32, Int32) -> Int32
    let getvalue: @convention(c) (OpaquePointer?, Int32, Int32) -> UnsafeMutablePointer<CChar>?
    let getlength: @convention(c) (OpaquePointer?, Int32, Int32) -> Int32
    let cmdTuples: @convention(c) (OpaquePointer?) -> UnsafeMutablePointer<CChar>?
    let cmdStatus: @convention(c) (OpaquePointer?) -> UnsafeMutablePointer<CChar>?

    /// The library, loaded once. An error says what to install.
    static func load() throws -> LibPQ { try loaded.get() }

    private static let loaded = Result { try LibPQ() }

    private init() throws {
        // RTLD_NODELETE: connections outlive whoever loaded it.
        guard let library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            throw EngineError(
                .unsuitable, "libpq.so.5 is not on this machine; on Debian: apt-get install libpq5")
        }
        func find<F>(_ name: String) throws -> F {
            guard let symbol = dlsym(library, name) else {
                throw EngineError(.unsuitable, "libpq has no \(name); Fettle needs libpq 14 or newer")
            }
            return unsafeBitCast(symbol, to: F.self)
        }
        conninfoParse = try find("PQconninfoParse")
        conninfoFree = try find("PQconninfoFree")
        connectdbParams = try find("PQconnectdbParams")
        finish = try find("PQfinish")
        status = try find("PQstatus")
        serverVersion = try find("PQserverVersion")
        parameterStatus = try find("PQparameterStatus")
        transactionStatus = try find("PQtransactionStatus")
        errorMessage = try find("PQerrorMessage")
        socket = try find("PQsocket")
        setNoticeReceiver = try find("PQsetNoticeReceiver")
        exec = try find("PQexec")
        prepare = try find("PQprepare")
        execPrepared = try find("PQexecPrepared")
        sendQueryParams = try find("PQsendQueryParams")
        sendQueryPrepared = try find("PQsendQueryPrepared")
        getResult = try find("PQgetResult")
        enterPipeline = try find("PQenterPipelineMode")
        exitPipeline = try find("PQexitPipelineMode")
        pipelineSync = try find("PQpipelineSync")
        putCopyData = try find("PQputCopyData")
        putCopyEnd = try find("PQputCopyEnd")
        consumeInput = try find("PQconsumeInput")
        notifies = try find("PQnotifies")
        freemem = try find("PQfreemem")
        resultStatus = try find("PQresultStatus")
        resultErrorField = try find("PQresultErrorField")
        clear = try find("PQclear")
        ntuples = try find("PQntuples")
        ftype = try find("PQftype")
        getisnull = try find("PQgetisnull")
        getvalue = try find("PQgetvalue")
        getlength = try find("PQgetlength")
        cmdTuples = try find("PQcmdTuples")
        cmdStatus = try find("PQcmdStatus")
    }
}
