import MillraceCore
import MillraceRuntime
import Testing

@Stage
@Suite(.timeLimit(.minutes(10)))
struct BudgetTests {
  @Test func `a large request is not passed by small ones`() async {
    let budget = Budget(10)
    #expect(await budget.take(4) == 4)
    var order: [String] = []
    let large = Task { @Stage in
      let taken = await budget.take(8)
      order.append("large")
      return taken
    }
    await settled { budget.waitingCount == 1 }
    let small = Task { @Stage in
      let taken = await budget.take(1)
      order.append("small")
      return taken
    }
    await settled { budget.waitingCount == 2 }
    #expect(order == [], "six are free, but who asked first asked for eight")
    budget.give(2)
    #expect(await large.value == 8)
    #expect(budget.waitingCount == 1, "the large one took all there was")
    budget.give(8)
    #expect(await small.value == 1)
    #expect(order == ["large", "small"])
  }

  @Test func `what is larger than the budget passes alone`() async {
    let budget = Budget(10)
    #expect(await budget.take(1) == 1)
    let oversized = Task { @Stage in await budget.take(1_000_000) }
    await settled { budget.waitingCount == 1 }
    budget.give(1)
    #expect(await oversized.value == 10, "all there is, to be given back")
    let next = Task { @Stage in await budget.take(1) }
    await settled { budget.waitingCount == 1 }
    budget.give(10)
    #expect(await next.value == 1)
  }

  @Test func `a cancelled waiter takes nothing and lets the next one through`() async {
    let budget = Budget(10)
    #expect(await budget.take(5) == 5)
    let large = Task { @Stage in await budget.take(10) }
    await settled { budget.waitingCount == 1 }
    let small = Task { @Stage in await budget.take(5) }
    await settled { budget.waitingCount == 2 }
    large.cancel()
    #expect(await large.value == nil)
    #expect(await small.value == 5, "nothing was given back, but nobody stands before it any more")
    budget.give(10)
    #expect(await budget.take(10) == 10, "the cancelled one holds nothing")
  }

  @Test func `whoever is cancelled before the call takes nothing`() async {
    let budget = Budget(1)
    let task = Task { @Stage in await budget.take(1) }
    task.cancel()
    #expect(await task.value == nil)
    #expect(await budget.take(1) == 1)
  }

  @Test func `taking nothing needs nothing`() async {
    let budget = Budget(1)
    #expect(await budget.take(1) == 1)
    #expect(await budget.take(0) == 0)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct BudgetStressTests {
  @Test func `giving back more than was taken is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      Budget(3).give(1)
    }
  }

  @Test func `a negative amount is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      _ = await Budget(3).take(-1)
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `no more is out than there is, and all of it comes back`(seed: UInt64) async {
    var generator = SeededGenerator(seed: seed)
    let budget = Budget(50)
    let out = ConditionLock(0)
    let tasks = (0..<200).map { _ in
      let amount = Int.random(in: 1...80, using: &generator)
      return Task { @concurrent in
        guard let taken = await budget.take(amount) else { return }
        let total = out.withLock {
          $0 += taken
          return $0
        }
        #expect(total <= 50)
        await Task.yield()
        out.withLock { $0 -= taken }
        budget.give(taken)
      }
    }
    for task in tasks.shuffled(using: &generator).prefix(80) { task.cancel() }
    for task in tasks { await task.value }
    #expect(out.withLock { $0 } == 0)
    #expect(await budget.take(50) == 50)
  }
}
