/** Words that people take for a password, mostly with digits and signs around them. */
const words = `
aaliyah abcdef abigail academy account action adam adidas admin administrator adrian africa airborne airplane alabama
alaska albert alberto alejandra alejandro alex alexander alexandra alexis alfred alicia alison allison alpha alyssa amanda
amazing amazon amber america american amsterdam anakin anderson andrea andreas andrew android angel angela angelina angels
animal anna annie anthony antonio anything apache apollo apple apples april aragorn argentina arizona arsenal arthur
ashley asshole assassin asdf asdfg asdfgh asdfghj asdfghjk asdfghjkl athena atlanta atlantis august aurora austin australia
autumn avalon avatar awesome azerty baby babyboy babygirl backup badboy badger bailey balance ballet banana bananas bandit
barbara barbie barcelona barney baseball basketball bastard batman baxter beach beagle bear beautiful beauty beaver becky
beer believe bella benjamin benson berlin bernard bernie bestfriend betty bigboy bigdaddy bigdog bigfoot billy birthday
biscuit bismillah bitch bitcoin black blackberry blackcat blackdog blackjack blade blahblah blaster blazer blessed blessing
blizzard blonde blondie blood blossom blowfish blowjob blue bluebird bluesky bobby bond bondage boogie boomer boston bowling
bradley brandon brandy bravo brazil brenda brian brianna bridget brittany broncos brooke brooklyn brother brownie browns
bruins bruno brutus bubba bubble bubbles buddha buddy budlight buffalo buffy bulldog bulldogs bullet bunny burger buster
butter buttercup butterfly butthead button cadillac caesar california calvin camaro camera cameron campbell canada cancer
candy captain caramel cardinal carlos carmen carolina caroline carter cartman casey casino casper cassie castle catalina
catherine cathy celtic celtics center champion champions chance changeit changeme chanel charger charles charlie charlotte
cheese chelsea cherokee cherry chester chevrolet chevy cheyenne chicago chichi chicken chiefs china chivas chloe chocolate
chris chrissy christ christian christina christine christmas christopher church cinderella cindy classic claudia clinton
clover cobra cocacola coffee college colorado columbia computer connect connor control cookie cookies cooper copper corona
corvette cosmos country courtney cowboy cowboys coyote cracker crazy cream creative cricket cristian cristina cristo crystal
cupcake curtis custom customer daddy daddysgirl daisy dakota dallas dance dancer daniel daniela danielle danny dark darkness
darkside darling database dave david dawid death debbie december default defender delete delfin delta demo denise dennis
denver desire destiny detroit devil dexter diablo diamond diamonds diana diego digital dilbert direct disney doctor dodge
dodgers dog doggie dolphin dolphins domain dominic donald donkey dorothy douglas dragon dragons drago dream dreamer dreams
driver dublin ducati dude dumbass duncan dustin eagle eagles earth eclipse eddie eduardo edward einstein electric element
elephant elizabeth ellie elvis emerald emily eminem emma empire energy england enigma enter enterprise eric estrella
eternity eugene europe evelyn everton example excalibur explorer express extreme faith falcon family fantasy fashion father
february felix fender fernando ferrari fighter fire fireball firebird fireman firewall fish fishing florence florida flower
flowers fluffy football ford forest forever fortnite fortune foster foxtrot france francis francisco frank frankie franklin
freak fred freddie freddy freedom friday friend friends friendship fuck fucker fuckface fuckoff fuckyou future gabriel
gabriela galaxy game gamer games gandalf garden garfield gateway gemini general genesis genius george georgia gerald german
germany getmein ghost giants gibson gilbert ginger girl giovanni gizmo global godisgood godzilla golden goldfish golf golfer
goober good goodluck google gordon gothic grace grandma granny great green greenday gregory griffin guest guinness guitar
gunner hacker hahaha hallo hamilton hammer hamster handsome hannah happy happyday hardcore harley harmony harold harrison
harry harrypotter hawaii heart hearts heather heaven hector helena hello hellokitty helpme hendrix henry hercules hermione
hockey holiday holland hollywood home homer honda honey hotdog hotmail hotstuff house houston howard hummer hunter hunting
hurricane iceman icecream idontknow iforgot ihateyou iloveme iloveyou imagine india indian indiana infinity innocent
inside install instagram internet intranet ireland irene irish ironman isabel isabella island israel italia italy jackass
jackie jackson jacob jaguar jake jamaica james jamie january japan jasmine jason jasper jeffrey jennifer jenny jeremy jericho
jerome jersey jessica jessie jesus jesuschrist jimmy joanna joaquin johannes john johnny johnson jonathan jordan joseph
joshua journey juice julia julian julie juliet july june jungle junior jupiter justice justin justme juventus karate karen
karina katherine kathleen katie katrina kawasaki keeper keepout kelly kelsey kennedy kenneth kermit kevin keyboard killer
killme kimberly king kingdom kingkong kitten kitty knight kristen kristina labrador lacrosse ladybug lakers lalala lambert
lasvegas latino laura lauren laurence lawrence leather legend legolas lemon leonard leonardo leslie letmein letmeinnow
liberty library life light lightning lincoln lindsay lindsey linkedin linkinpark linux lionking liverpool lizard logan
logitech login lol lolipop lollipop london loser lorenzo love loveforever lovelife lovelove lovely loveme lover lovers
loveyou lucas lucifer lucky luna maddie madison madmax madonna madrid maggie magic magnum mailbox majesty malcolm mama manager
manchester manolo manuel marathon march marcus margaret maria mariah marian marie marina marine marines mario marlboro marley
marshall martha martin martina marvin maryjane master matrix matthew maurice maverick maxima maximus maxwell mayday mclaren
megadeth megan melanie melissa mellon member memories memphis mercedes mercury merlin merlot metal metallica mexico miami
michael micheal michel michele michelle michigan mickey mickeymouse microsoft midnight mike million minecraft minnie miracle
miranda mirror mission mister mitchell mnbvcxz mobile modern molly moment monday money monica monique monitor monkey monkeys
monster montana montreal moon moonlight morgan morris morrison moscow mother motherfucker motorola mountain mouse mozart
muffin murphy music musica mustang myname mypass mypassword myspace mystery naruto nascar natalia natalie natasha nathan
naughty nelson nemesis neptune netflix network nevada never newcastle newlife newpass newpassword newport newton newyork
nicholas nick nicole nikita ninja nintendo nirvana nissan nobody nokia norman nothing november nowayout nugget nursing
oblivion october office oklahoma oliver olivia onelove onepiece online open opensesame operator oracle orange orchid orlando
oscar outlaw overlord oxford pacers pacific packers paladin pamela panasonic pancho panda pandora panther panthers paradise
paris parker parola pass passion passport passw passwd password passwort patience patricia patrick patriot patriots peace
peaches peanut peanuts pearl pebbles pegasus penguin pepper pepsi perfect personal peter phantom philip phillip phoenix
photo picasso pickle pikachu pineapple pink pinky pioneer pirate pirates pizza planet platinum playboy player playstation
please poison pokemon poland polaris police polo pontiac poohbear pookie popcorn popeye porsche portugal potato power
powers precious predator prelude president pretty prince princesa princess princeton private problem professor promise
property prosper public pumpkin puppies puppy purple pussy pussycat pyramid python qazwsx qwaszx qwe qweasd qweasdzxc qwer
qwert qwerty qwertyu qwertyui qwertyuiop rabbit rachel racing radio raider raiders rainbow ranger rangers raptor rascal raven
raymond reality rebecca rebel reddog redhat redhead redneck redrose redskins redsox reggie regina register remember renegade
report research resident reverse revolution richard ricky ripper river robert roberto robin robinson robot rocket rocknroll
rocky rocker roger roland roller romance romania ronald ronaldo rooster root rosebud rosemary rosie roxanne royal runner
rusty russia russell ryan sabrina safety saints sakura salvador samantha sammy samson samsung samuel sandman sandra sandy
santana santiago santos sapphire sarah sasha saturday saturn savage savannah scarface school scooby scoobydoo scooter
scorpio scorpion scotland scott scout scruffy seattle sebastian secret secrets secure security senior september serenity
sergio server service sesame seven sexy sexygirl shadow shadows shalom shannon sharon sheila shelby sherlock shirley shit
shithead shooter shopping shorty silver simone simple simpson simpsons singer single sister skater skeeter skipper skippy
skittles skyline slayer slipknot smile smiley smith smokey smooth snickers sniper snoopy snowball snowflake snowman soccer
social softball soldier soledad solomon something sophia sophie soulmate spain spanky sparkle sparky spartan special speed
speedy spencer spiderman spirit spongebob spooky sport spring springtime sprite squirrel stalker standard stanley star
stargate starlight starstar startrek starwars start station stealth steelers stella stephanie stephen steven stewart
stinky storm strawberry student stupid sublime success sugar summer summertime sunday sunflower sunny sunrise sunset
sunshine super superman supermario superstar superuser support supreme surfer susan suzuki sweet sweetheart sweetie sweetpea
sweets swimming switch sydney sylvia system tanner target tattoo taurus taylor teacher teamo temp temppass temptemp
tennis teresa tequila test teste tester testing testpass testtest texas thailand thanks theman thomas thunder thunderbird
thursday tiffany tiger tigers tigger timothy tinker tinkerbell titanic tomorrow toor topsecret tornado toronto tottenham
toyota traffic travel travis treasure trebor trinity triumph trouble trucker trumpet trust trustme trustno truelove tuesday
tucker turtle tweety twilight twinkle twister twitter ubuntu unicorn unique united universal universe university unknown
user username valencia valentina valentine valerie vampire vanessa vanilla velvet venus veronica victor victoria victory
viking vikings vincent violet viper virgin virginia vision vladimir volcano volleyball voyager walker wallace walter
warcraft warrior warriors washington watermelon weasel webmaster website wednesday weezer welcome werewolf western westside
whatever whatsapp whatsup whiskey white whitney wicked wildcat wildcats william williams willow wilson windows winner
winston winter wisdom wizard wolf wolfgang wolfpack wolverine wombat wonder wonderful woody work world wrestling wrinkle
writer xavier xxx yamaha yankee yankees yellow yolanda youtube yvonne zachary zaq zaqwsx zeppelin zombie zxc zxcv zxcvb
zxcvbn zxcvbnm`;

/** What is common as a whole. */
const whole = `
123qweasd 123qweasdzxc 12qwaszx 1a2b3c4d 1a2b3c4d5e 1password1 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc
1qazxsw2 1qazzaq1 a1b2c3d4 a1b2c3d4e5 abc123456 abcd1234 abcd12345 admin@123 aa123456 aa12345678 asdf1234 asdfasdf
asdfjkl; blink182 bond007 catch22 charlie1 drowssap fuckyou2 jordan23 letmein2 m1n3craft ncc1701d ncc1701e p@$$w0rd
p@ssw0rd p@ssword pa$$w0rd pass1234 passpass passw0rd password1 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc
qazwsxedcrfv qazxswedc qwe123qwe qwer1234 qwerqwer qwertyqwerty qweqweqwe rush2112 test1234 thx1138a trustno1 u2u2u2u2
w0rdpass wordpass xbox360x zaq12wsx zaq1xsw2 zaq1zaq1 zxcvasdf correcthorsebatterystaple iloveyou2 iloveyousomuch ilovemyself ilovejesus ilovemom jesusislord jesuslovesme letmeinplease
thisismypassword mypasswordis passwordpassword secretpassword nopassword mynameis whatsmypassword forgotpassword
opensesame welcometothejungle supersecret topsecretpassword adminadmin rootroot useruser testuser guestguest dragonball
dragonballz onetwothree fourfivesix starwars1 qwertyuiopasdf`;

const listOf = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const commonWords = listOf(words);
export const commonPasswords = listOf(whole);
