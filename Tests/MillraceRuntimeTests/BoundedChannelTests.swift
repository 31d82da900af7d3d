import MillraceCore
import MillraceRuntime
import Testing

@Stage
@Suite(.timeLimit(.minutes(10)))
struct BoundedChannelTests {
  @Test func `elements leave in the order in which they came`() async {
    let channel = BoundedChannel<Int>(limit: 3)
    for number in 1...3 { #expect(await channel.send(number)) }
    #expect(await channel.receive() == 1)
    #expect(await channel.send(4))
    for number in 2...4 { #expect(await channel.receive() == number) }
    #expect(channel.receiveIfReady() == nil)
  }

  @Test func `a sender waits for room, and senders keep their order`() async {
    let channel = BoundedChannel<Int>(limit: 2)
    var sent: [Int] = []
    var senders: [Task<Void, Never>] = []
    for number in 1...5 {
      senders.append(
        Task { @Stage in
          let isSent = await channel.send(number)
          if isSent { sent.append(number) }
        })
      // The channel holds two; who comes later waits behind those who came before.
      await settled { sent.count + channel.waitingCount == number }
    }
    #expect(sent == [1, 2], "the channel holds two")
    #expect(channel.receiveIfReady() == 1)
    await senders[2].value
    #expect(channel.waitingCount == 2, "one left, so one may come")
    #expect(sent == [1, 2, 3])
    for number in 2...5 { #expect(await channel.receive() == number) }
    for sender in senders { await sender.value }
    #expect(Set(sent) == [1, 2, 3, 4, 5])
  }

  @Test func `receivers wait for elements, and are served in order`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    var receivers: [Task<Int?, Never>] = []
    for number in 1...3 {
      receivers.append(Task { @Stage in await channel.receive() })
      await settled { channel.waitingCount == number }
    }
    for number in 1...3 { #expect(await channel.send(number)) }
    for (index, receiver) in receivers.enumerated() {
      #expect(await receiver.value == index + 1)
    }
  }

  @Test func `closing lets receivers have what is left, and refuses what comes`() async {
    let channel = BoundedChannel<Int>(limit: 2)
    #expect(await channel.send(1))
    #expect(await channel.send(2))
    let sender = Task { @Stage in await channel.send(3) }
    await settled { channel.waitingCount == 1 }
    channel.close()
    #expect(await sender.value == false)
    #expect(await channel.send(4) == false)
    #expect(await channel.receive() == 1)
    #expect(channel.receiveIfReady() == 2)
    #expect(await channel.receive() == nil)
    channel.close()
    #expect(await channel.receive() == nil)
  }

  @Test func `closing ends the wait of receivers`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    var receivers: [Task<Int?, Never>] = []
    for number in 1...3 {
      receivers.append(Task { @Stage in await channel.receive() })
      await settled { channel.waitingCount == number }
    }
    channel.close()
    for receiver in receivers { #expect(await receiver.value == nil) }
  }

  @Test func `a cancelled sender stops waiting and its element is not sent`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    #expect(await channel.send(1))
    let cancelled = Task { @Stage in await channel.send(2) }
    await settled { channel.waitingCount == 1 }
    let patient = Task { @Stage in await channel.send(3) }
    await settled { channel.waitingCount == 2 }
    cancelled.cancel()
    #expect(await cancelled.value == false)
    #expect(await channel.receive() == 1)
    #expect(await patient.value)
    #expect(await channel.receive() == 3)
    #expect(channel.receiveIfReady() == nil)
  }

  @Test func `a cancelled receiver stops waiting and takes nothing`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    let cancelled = Task { @Stage in await channel.receive() }
    await settled { channel.waitingCount == 1 }
    let patient = Task { @Stage in await channel.receive() }
    await settled { channel.waitingCount == 2 }
    cancelled.cancel()
    #expect(await cancelled.value == nil)
    #expect(await channel.send(1))
    #expect(await patient.value == 1)
  }

  @Test func `whoever is cancelled before the call neither sends nor receives`() async {
    let channel = BoundedChannel<Int>(limit: 1)
    let sender = Task { @Stage in await channel.send(1) }
    sender.cancel()
    #expect(await sender.value == false)
    #expect(await channel.send(2))
    let receiver = Task { @Stage in await channel.receive() }
    receiver.cancel()
    #expect(await receiver.value == nil)
    #expect(channel.receiveIfReady() == 2)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct BoundedChannelStressTests {
  @Test func `a channel without room is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      _ = BoundedChannel<Int>(limit: 0)
    }
  }

  @Test(arguments: [1, 7, 1000])
  func `what a hundred producers sent, a hundred consumers receive once`(limit: Int) async {
    let channel = BoundedChannel<Int>(limit: limit)
    let received = await withTaskGroup(of: [Int].self) { consumers in
      for _ in 0..<100 {
        consumers.addTask { @concurrent in
          var mine: [Int] = []
          while let element = await channel.receive() { mine.append(element) }
          return mine
        }
      }
      await withTaskGroup(of: Void.self) { producers in
        for producer in 0..<100 {
          producers.addTask { @concurrent in
            for number in 0..<50 { #expect(await channel.send(producer * 50 + number)) }
          }
        }
      }
      channel.close()
      return await consumers.reduce(into: []) { $0 += $1 }
    }
    #expect(received.sorted() == Array(0..<5000))
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `cancelling at random loses nothing that was accepted`(seed: UInt64) async {
    var generator = SeededGenerator(seed: seed)
    let channel = BoundedChannel<Int>(limit: 2)
    let producers = (0..<200).map { number in
      Task { @concurrent in await channel.send(number) ? number : nil }
    }
    let consumers = (0..<200).map { _ in Task { @concurrent in await channel.receive() } }
    for task in producers.shuffled(using: &generator).prefix(60) { task.cancel() }
    for task in consumers.shuffled(using: &generator).prefix(60) { task.cancel() }
    // Whoever is one too many waits until the end.
    let closing = Task { @concurrent in
      for task in consumers.prefix(100) where !task.isCancelled { await Task.yield() }
      channel.close()
    }
    var accepted: Set<Int> = []
    for task in producers {
      if let number = await task.value { accepted.insert(number) }
    }
    await closing.value
    var received: [Int] = []
    for task in consumers {
      if let number = await task.value { received.append(number) }
    }
    while let number = channel.receiveIfReady() { received.append(number) }
    #expect(received.count == Set(received).count, "nothing twice")
    #expect(Set(received) == accepted, "nothing lost")
  }
}
