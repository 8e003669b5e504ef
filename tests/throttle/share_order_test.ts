// Compares the order of shares with a model that searches all members.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Placed, ShareOrder } from "../../src/throttle/share_order.ts";
import { random } from "../support/random.ts";

interface Member extends Placed {
  readonly name: number;
}

test("ShareOrder.first is the member with the smallest share, the earliest among equal ones", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const chance = random(seed);
    const order = new ShareOrder<Member>();
    const members = Array.from({ length: 8 }, (_, name): Member => ({
      name,
      share: Math.floor(chance() * 4),
      placed: false,
      row: undefined,
      before: undefined,
      after: undefined,
    }));
    let model: Member[] = [];
    for (let step = 0; step < 500; step++) {
      const member = members[Math.floor(chance() * members.length)]!;
      if (!member.placed) {
        order.add(member);
        model.push(member);
      } else if (chance() < 0.4) {
        order.delete(member);
        model = model.filter((other) => other !== member);
      } else {
        const share = Math.floor(chance() * 4);
        if (share !== member.share) model = [...model.filter((other) => other !== member), member];
        order.move(member, share);
      }
      const least = Math.min(...model.map(({ share }) => share));
      assertEquals(order.first?.name, model.find(({ share }) => share === least)?.name, `seed ${seed}, step ${step}`);
    }
  }
});
