/// Where it is kept which rooms the sweep must look at, and whose turn it is. Times are the store's own, so that
/// gateways whose clocks differ agree. Every method throws ``StoreError`` when the store is away.
public protocol SweepStore: Sendable {
    /// Takes the turn for 20 s, unless another gateway has it or had it less than some seconds ago: then nil.
    ///
    /// A rule's rooms are due after `ages` milliseconds, those of a rule without an age never; at most `limit` a rule
    /// are named.
    func begin(tenant: TenantID, ages: [SweepRule: Int64], limit: Int) async throws -> SweepTurn?

    /// Keeps the turn for another 20 s.
    ///
    /// - Returns: false when it has run out; another gateway may have it.
    func renew(_ turn: SweepTurn) async throws -> Bool

    /// Ends the turn; nobody begins another one for some seconds.
    func end(_ turn: SweepTurn) async throws

    /// A room that could not be swept is due again after `delay`, in milliseconds, and has failed once more. `age` is
    /// what its rule has in ``begin(tenant:ages:limit:)``.
    func postpone(_ room: SweepTurn.Room, by delay: Int64, age: Int64, tenant: TenantID) async throws

    /// A room is none of its rule's any more.
    func forget(_ room: SweepTurn.Room, tenant: TenantID) async throws

    /// What is noted of a customer's openings (``SweepRule/opening``); nil while an agent is on the way into the
    /// customer's direct room.
    func lapsedOpening(of customer: CustomerHash) async throws -> LapsedOpening?

    /// Frees the slots that were kept for these openings, of which nothing was found so far; they go on.
    func free(_ opening: LapsedOpening) async throws

    /// These openings are over; slots that were kept for them are free.
    func end(_ opening: LapsedOpening) async throws
}
