namespace Shop;

/// <summary>What makers make: 45 kinds of things in nine categories, each with its drawing.</summary>
/// <param name="Id">Its drawing in <c>wwwroot/products.svg</c>.</param>
/// <param name="Price">What an ordinary one costs.</param>
internal sealed record Kind(string Id, string Category, string Noun, int Price, string Description)
{
    public static readonly Kind[] All =
    [
        new("mug", "Coffee & Tea", "mug", 14, "Holds 300 ml, sits well in the hand, and survives the dishwasher."),
        new("kettle", "Coffee & Tea", "kettle", 59, "Boils a litre quickly and pours in a thin, steady stream."),
        new("dripper", "Coffee & Tea", "pour-over set", 38, "Cone and carafe for two cups, with room for the coffee to bloom."),
        new("teapot", "Coffee & Tea", "teapot", 42, "Glazed stoneware for four cups, with a strainer that lifts out."),
        new("beans", "Coffee & Tea", "coffee beans", 12, "250 g, roasted in small batches: chocolate, hazelnut, a little cherry."),

        new("saucepan", "Kitchen", "saucepan", 64, "Heavy base, tight lid, and a wooden handle that stays cool."),
        new("board", "Kitchen", "chopping board", 29, "End-grain wood, kind to knives, with a stripe to tell yours from theirs."),
        new("knife", "Kitchen", "chef's knife", 72, "A 20 cm blade that takes an edge and keeps it."),
        new("bowl", "Kitchen", "mixing bowl", 26, "Deep enough to whisk in, pretty enough for the table."),
        new("apron", "Kitchen", "apron", 34, "Washed linen with a pocket for the spoon you always look for."),

        new("lamp", "Living", "table lamp", 79, "A linen shade and a warm light for the corner with the good chair."),
        new("cushion", "Living", "cushion", 32, "Woven cover, feather filling, the right size for a nap."),
        new("vase", "Living", "vase", 45, "Narrow neck, wide shoulders: three stems are enough."),
        new("candle", "Living", "scented candle", 24, "Burns for 45 hours and smells of fig leaves and rain."),
        new("clock", "Living", "wall clock", 55, "Silent movement, clear hands, no numbers to argue with."),

        new("notebook", "Desk", "notebook", 16, "192 dotted pages that lie flat and take ink without a shadow."),
        new("pen", "Desk", "fountain pen", 48, "A steel nib with a little give, and a converter for any ink."),
        new("desk-lamp", "Desk", "desk lamp", 88, "Two joints and a counterweight: it stays where you leave it."),
        new("headphones", "Desk", "headphones", 129, "Closed, light, and quiet enough to hear yourself think."),
        new("pencils", "Desk", "pencil pot", 22, "Comes with five pencils, which is four more than you will find again."),

        new("can", "Garden", "watering can", 36, "Five litres, balanced when full, with a fine brass rose."),
        new("pot", "Garden", "plant pot", 27, "Frost-proof, with a saucer, and a fern to begin with."),
        new("trowel", "Garden", "trowel", 19, "Forged in one piece, with a mark for every two centimetres."),
        new("seeds", "Garden", "flower seeds", 5, "A square metre of summer, for bees and for the kitchen table."),
        new("birdhouse", "Garden", "bird house", 31, "Untreated larch with an entrance that tits like and cats do not."),

        new("tent", "Outdoors", "tent", 219, "Stands in four minutes, sleeps two and their boots."),
        new("backpack", "Outdoors", "backpack", 94, "28 litres with a back that breathes and a pocket for the map."),
        new("bottle", "Outdoors", "water bottle", 27, "Steel, double-walled: cold for a day, hot for an evening."),
        new("lantern", "Outdoors", "camping lantern", 39, "Forty hours of warm light from one charge."),
        new("boots", "Outdoors", "hiking boots", 149, "Waterproof leather and a sole that trusts wet rock."),

        new("blocks", "Kids", "building blocks", 28, "Forty blocks of beech in a cotton bag. Towers not included."),
        new("bear", "Kids", "plush bear", 25, "Soft, washable, and a good listener."),
        new("train", "Kids", "wooden train", 33, "Rolls on any track, and on the breakfast table."),
        new("book", "Kids", "picture book", 15, "Thirty-two pages of animals who really ought to be asleep."),
        new("kite", "Kids", "kite", 21, "Flies in a breeze, folds into a pocket, comes down in one piece."),

        new("soap", "Bath", "soap", 8, "Olive oil and sea salt on a cedar dish."),
        new("towel", "Bath", "bath towel", 30, "Thick cotton, two loops, dry again by evening."),
        new("brush", "Bath", "bath brush", 18, "Beech and natural bristles, for the place nobody reaches."),
        new("basket", "Bath", "laundry basket", 46, "Woven by hand, lined with cotton, hides a week."),
        new("dispenser", "Bath", "soap dispenser", 20, "A heavy foot and a pump that never drips."),

        new("helmet", "Sport", "cycling helmet", 85, "Eleven vents, one dial, and hardly there."),
        new("mat", "Sport", "yoga mat", 44, "Natural rubber that does not slip, not even on Mondays."),
        new("ball", "Sport", "football", 26, "Hand-stitched for the park, soft enough for bare feet."),
        new("dumbbell", "Sport", "pair of dumbbells", 37, "Two times four kilos with a grip that is kind to hands."),
        new("racket", "Sport", "tennis racket", 99, "Light frame, large head, forgiving strings."),
    ];

    /// <summary>Who makes them: four of each category, from the modest to the dear.</summary>
    public static readonly Dictionary<string, string[]> Makers = new()
    {
        ["Coffee & Tea"] = ["Kaffa", "Brew & Birch", "Lindholm", "Tamsui"],
        ["Kitchen"] = ["Pepperday", "Hearthside", "Norrland", "Osteria"],
        ["Living"] = ["Softwood", "Lumi", "Halden", "Maison Vert"],
        ["Desk"] = ["Paperly", "Inkling", "Folio", "Studio Nord"],
        ["Garden"] = ["Greenling", "Robin & Rye", "Terrane", "Wildermere"],
        ["Outdoors"] = ["Campfell", "Tarnway", "Ridgeline", "Fernweh"],
        ["Kids"] = ["Tumble", "Little Fox", "Merrily", "Holzwurm"],
        ["Bath"] = ["Lagoon", "Salt & Cedar", "Purelin", "Aqualis"],
        ["Sport"] = ["Pace", "Velora", "Kinetik", "Summiter"],
    };

    /// <summary>Colours; <c>wwwroot/shop.css</c> says how each looks.</summary>
    public static readonly string[] Colours =
        ["sage", "terracotta", "midnight", "mustard", "blush", "sky", "charcoal", "cream", "forest", "plum"];
}
