import Base
import Foundation
import Store
import StorePostgres
import StoreSQLite

/// The engine that a run of the tests asks for: SQLite in a folder of its own, or, where
/// `FETTLE_TEST_POSTGRES` names a server, a schema of its own there.
public enum TestEngine {
    public static let server = ProcessInfo.processInfo.environment["FETTLE_TEST_POSTGRES"].flatMap {
        $0.isEmpty ? nil : $0
    }
    public static var isPostgres: Bool { server != nil }

    /// The engine of a test's folder; a second one on the same folder sees the same data.
    public static func open(_ folder: String, connections: Int = 4) async throws -> any MovableEngine {
        guard let server else { return try SQLiteEngine(path: folder + "/fettle.sqlite") }
        return try await PostgresEngine(url: try await address(folder, server), connections: connections)
    }

    /// How a program that works on the test's folder is told where: `FETTLE_DATA`, and the database where
    /// there is one.
    public static func environment(_ folder: String) async throws -> [String: String] {
        var out = ["FETTLE_DATA": folder]
        if let server { out["FETTLE_DATABASE_URL"] = try await address(folder, server) }
        return out
    }

    /// Of the schema that is named after the folder, made where there is none.
    public static func address(_ folder: String, _ server: String) async throws -> String {
        let name = "t_" + folder.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.suffix(50)
        let keeper = try await PostgresEngine(url: server, connections: 1)
        try await keeper.outside("create schema if not exists \(name)")
        await keeper.close()
        return server + (server.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(name)"
    }

    /// Everything that lies in the place, to be compared: the file byte by byte, or each table of the server.
    public static func content(_ folder: String, _ store: Store) async throws -> [String] {
        guard isPostgres else {
            return ["fettle.sqlite", "fettle.sqlite-wal"].map { name in
                let bytes = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
                return name + " " + Secrets.hex(Secrets.sha256([UInt8](bytes)))
            }
        }
        return try await store.read(by: .system("test")) { tx in
            try tx.rows(
                """
                select table_name::text || ' ' || md5(query_to_xml(
                  'select * from ' || quote_ident(table_name) || ' t order by t::text', true, false, '')::text)
                from information_schema.tables where table_schema = current_schema() order by 1
                """
            ) { $0.text() }
        }
    }
}
